import { describe, expect, test } from 'vitest'
import { expression, plainItem, shownValue, typedItem } from './values'

describe('items as plain JSON', () => {
  const item = { a: { S: 'x' }, b: { N: '12.5' }, c: { N: '12345678901234567890' }, d: { SS: ['p', 'q'] }, e: { L: [{ BOOL: true }, { NULL: true }] }, f: { M: { g: { B: { base64: 'AA==' } } } } }
  test('and back are the same', () => {
    expect(typedItem(plainItem(item))).toEqual(item)
    expect(typedItem(JSON.parse(JSON.stringify(plainItem(item))))).toEqual(item)
  })
  test('a number that JSON would change stays as it is', () => {
    expect(plainItem(item)).toMatchObject({ b: 12.5, c: { N: '12345678901234567890' } })
  })
  test('a map that only looks like a set is a map', () => {
    expect(typedItem({ a: { SS: 'text' } })).toEqual({ a: { M: { SS: { S: 'text' } } } })
  })
  test('cells', () => {
    expect(shownValue({ SS: ['a', 'b'] })).toBe('{a, b}')
    expect(shownValue({ M: { x: { N: '1' } } })).toBe('{"x":1}')
  })
})

test('conditions become an expression with names and values of its own', () => {
  expect(expression([{ name: 'size', how: 'between', value: '1', and: '9', type: 'N' }, { name: 'on', how: 'attribute_exists', value: '', and: '', type: 'S' }, { name: 'n', how: 'begins_with', value: 'a', and: '', type: 'S' }], 'f')).toEqual({
    text: '#f0 BETWEEN :f0 AND :f0b AND attribute_exists(#f1) AND begins_with(#f2, :f2)',
    names: { '#f0': 'size', '#f1': 'on', '#f2': 'n' },
    values: { ':f0': { N: '1' }, ':f0b': { N: '9' }, ':f2': { S: 'a' } },
  })
})
