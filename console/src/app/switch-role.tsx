// Taking a role, as STS lets one.
import FormField from '@cloudscape-design/components/form-field'
import { useState } from 'react'
import { Picker } from '../generic/field'
import { Dialog } from '../parts/confirm'

export function SwitchRole({ account, act, close }: { account: string; act: (role: string) => Promise<void>; close: () => void }) {
  const [role, setRole] = useState('')
  const arn = role.startsWith('arn:') ? role : `arn:aws:iam::${account}:role/${role}`
  return (
    <Dialog title="Switch role" button="Switch role" close={close} disabled={role === ''} act={() => act(arn)}>
      <FormField label="Role" description="Its name in this account, or its ARN. Its trust policy must let you.">
        <Picker name="Role" value={role} set={setRole} from={{ service: 'iam', list: 'ListRoles', result: 'Roles', value: 'Arn', label: 'RoleName' }} />
      </FormField>
    </Dialog>
  )
}
