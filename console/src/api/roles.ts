// Roles that services take, made beside what needs them.
import { invoke } from './calls'

export async function makeRole(RoleName: string, service: string): Promise<string> {
  const trust = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: { Service: service }, Action: 'sts:AssumeRole' }] }
  const { Role } = await invoke<{ Role: { Arn: string } }>('iam', 'CreateRole', { RoleName, Path: '/service-role/', AssumeRolePolicyDocument: JSON.stringify(trust) })
  return Role.Arn
}
