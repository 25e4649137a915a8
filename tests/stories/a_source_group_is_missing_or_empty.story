# A source group is missing or empty

The night shift's group is the source for two customers. Whatever happens to it, nobody loses access because it could not be read or
does not look like itself.

> file groups/night-shift.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Night_Shift}
    spec:
      entraGroup: 0f1e2d3c-1111-4000-8000-000000000101
> edit customers/contoso/customer.yaml
      groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/prod}
> edit customers/northwind/customer.yaml
      templates: [managed-azure]
    + groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/main}
> settle

Somebody gives it another name.

> partner rename-group Night_Shift "Night Shift EMEA"
> plan
    contoso  enforce  1 unclear
      ? in doubt  mismatch  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) is called "Night Shift EMEA" there
          leaves undecided: who joined or left it, at every customer that has it

    northwind  enforce  1 unclear
      ? in doubt  mismatch  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) is called "Night Shift EMEA" there
          leaves undecided: who joined or left it, at every customer that has it

    nothing to say about tailspin

    Plan: nothing to do at 3 customers, 2 unclear.
    sha256:…
    exit 1
> partner rename-group "Night Shift EMEA" Night_Shift

It loses all its members.

> partner empty-group Night_Shift
> plan
    contoso  enforce  1 unclear
      ? in doubt  mismatch  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) has 0 members, fewer than minMembers 1
          leaves undecided: who joined or left it, at every customer that has it

    northwind  enforce  1 unclear
      ? in doubt  mismatch  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) has 0 members, fewer than minMembers 1
          leaves undecided: who joined or left it, at every customer that has it

    nothing to say about tailspin

    Plan: nothing to do at 3 customers, 2 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 2 unclear.
    exit 1

It is deleted.

> partner delete-group Night_Shift
> plan
    contoso  enforce  1 unclear
      ? in doubt  notFound  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) does not exist
          leaves undecided: who joined or left it, at every customer that has it

    northwind  enforce  1 unclear
      ? in doubt  notFound  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) does not exist
          leaves undecided: who joined or left it, at every customer that has it

    nothing to say about tailspin

    Plan: nothing to do at 3 customers, 2 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 2 unclear.
    exit 1
> show writes
    none
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    luca.night-shift@fabrikam.example
