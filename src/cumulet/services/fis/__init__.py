"""AWS Fault Injection Service: experiments that let the calls of roles fail."""

from cumulet.kernel import Service

SERVICE = Service(api="fis", principal="fis.amazonaws.com",
                  absent={"*TargetAccountConfiguration*": "experiments stay in their account",
                          "*SafetyLever*": "there is no safety lever"})
