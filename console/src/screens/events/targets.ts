// What rules and schedules may tell: [ARN, what it is called].
import { invoke } from '../../api/calls'
import { region, session } from '../../api/session'

type Choice = [string, string]

export async function targets(): Promise<Choice[]> {
  const here = `${region.get()}:${session.get()?.account ?? ''}`
  const last = (text: string): string => text.split(/[:/]/).pop() ?? text
  const lists = await Promise.all([
    listed('sqs', 'ListQueues', (told: { QueueUrls?: string[] }) => (told.QueueUrls ?? []).map((url): Choice => [`arn:aws:sqs:${here}:${last(url)}`, `SQS: ${last(url)}`])),
    listed('sns', 'ListTopics', (told: { Topics?: { TopicArn: string }[] }) => (told.Topics ?? []).map(({ TopicArn }): Choice => [TopicArn, `SNS: ${last(TopicArn)}`])),
    listed('lambda', 'ListFunctions', (told: { Functions?: { FunctionArn: string; FunctionName: string }[] }) => (told.Functions ?? []).map((one): Choice => [one.FunctionArn, `Lambda: ${one.FunctionName}`])),
    listed('logs', 'DescribeLogGroups', (told: { logGroups?: { logGroupName: string; arn: string }[] }) => (told.logGroups ?? []).map((one): Choice => [one.arn.replace(/:\*$/, ''), `Logs: ${one.logGroupName}`])),
    listed('events', 'ListEventBuses', (told: { EventBuses?: { Name: string; Arn: string }[] }) => (told.EventBuses ?? []).map((one): Choice => [one.Arn, `Event bus: ${one.Name}`])),
  ])
  return lists.flat()
}

// What may not be listed is not offered; its ARN may be typed.
const listed = <T>(service: string, operation: string, read: (told: T) => Choice[]): Promise<Choice[]> => invoke<T>(service, operation).then(read, () => [])
