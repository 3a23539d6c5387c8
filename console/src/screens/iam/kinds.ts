// Users, groups and roles have the same operations under their own names.
import { invoke } from '../../api/calls'

export type Kind = 'users' | 'groups' | 'roles'
export type Entity = { UserName?: string; GroupName?: string; RoleName?: string; Arn: string; CreateDate: string; Path: string; Description?: string; PasswordLastUsed?: string; AssumeRolePolicyDocument?: unknown; PermissionsBoundary?: { PermissionsBoundaryArn: string }; Tags?: { Key: string; Value: string }[] }

export const NOUN: Record<Kind, 'User' | 'Group' | 'Role'> = { users: 'User', groups: 'Group', roles: 'Role' }
export const nameOf = (entity: Entity): string => entity.UserName ?? entity.GroupName ?? entity.RoleName ?? ''
export const member = (kind: Kind, name: string): Record<string, string> => ({ [`${NOUN[kind]}Name`]: name })

type Attached = { AttachedPolicies?: { PolicyArn: string; PolicyName: string }[] }

// AWS deletes only what is bare: take off all that hangs on it, then end it.
export async function end(kind: Kind, name: string): Promise<void> {
  const me = member(kind, name)
  const noun = NOUN[kind]
  const { AttachedPolicies = [] } = await invoke<Attached>('iam', `ListAttached${noun}Policies`, me)
  for (const { PolicyArn } of AttachedPolicies) await invoke('iam', `Detach${noun}Policy`, { ...me, PolicyArn })
  const { PolicyNames = [] } = await invoke<{ PolicyNames?: string[] }>('iam', `List${noun}Policies`, me)
  for (const PolicyName of PolicyNames) await invoke('iam', `Delete${noun}Policy`, { ...me, PolicyName })
  if (kind === 'users') await bareUser(name)
  if (kind === 'groups') {
    const { Users = [] } = await invoke<{ Users?: { UserName: string }[] }>('iam', 'GetGroup', me)
    for (const { UserName } of Users) await invoke('iam', 'RemoveUserFromGroup', { GroupName: name, UserName })
  }
  if (kind === 'roles') {
    const { InstanceProfiles = [] } = await invoke<{ InstanceProfiles?: { InstanceProfileName: string }[] }>('iam', 'ListInstanceProfilesForRole', me)
    for (const { InstanceProfileName } of InstanceProfiles) await invoke('iam', 'RemoveRoleFromInstanceProfile', { InstanceProfileName, RoleName: name })
  }
  await invoke('iam', `Delete${noun}`, me)
}

async function bareUser(UserName: string): Promise<void> {
  const { Groups = [] } = await invoke<{ Groups?: { GroupName: string }[] }>('iam', 'ListGroupsForUser', { UserName })
  for (const { GroupName } of Groups) await invoke('iam', 'RemoveUserFromGroup', { GroupName, UserName })
  const { AccessKeyMetadata = [] } = await invoke<{ AccessKeyMetadata?: { AccessKeyId: string }[] }>('iam', 'ListAccessKeys', { UserName })
  for (const { AccessKeyId } of AccessKeyMetadata) await invoke('iam', 'DeleteAccessKey', { UserName, AccessKeyId })
  const { MFADevices = [] } = await invoke<{ MFADevices?: { SerialNumber: string }[] }>('iam', 'ListMFADevices', { UserName })
  for (const { SerialNumber } of MFADevices) await invoke('iam', 'DeactivateMFADevice', { UserName, SerialNumber })
  await invoke('iam', 'DeleteLoginProfile', { UserName }).catch((problem: Error & { code?: string }) => {
    if (problem.code !== 'NoSuchEntity') throw problem
  })
}

export const EXAMPLE = { Version: '2012-10-17', Statement: [{ Effect: 'Allow', Action: ['s3:GetObject', 's3:ListBucket'], Resource: '*' }] }
export const trusting = (principal: Record<string, string>): unknown => ({ Version: '2012-10-17', Statement: [{ Effect: 'Allow', Principal: principal, Action: 'sts:AssumeRole' }] })
