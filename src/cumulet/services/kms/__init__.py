"""AWS Key Management Service: keys that never leave, what they encrypt and sign, who may use them, and how they end."""

from cumulet.kernel import Service

SERVICE = Service(api="kms", principal="kms.amazonaws.com",
                  absent={"*CustomKeyStore": "there is no CloudHSM and no external key manager"})
