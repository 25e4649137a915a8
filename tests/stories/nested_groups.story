# Nested groups

The night shift's group holds another group, the interns. Nested people count like direct ones, unless the files say that nothing may
be nested: then such a group is no source at all. At the customer there is nothing nested.

> file groups/night-shift.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Night_Shift}
    spec:
      entraGroup: {objectId: 0f1e2d3c-1111-4000-8000-000000000101, nested: flatten}
> edit customers/contoso/customer.yaml
      groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/prod}
> settle
> partner add hedy@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000207
> partner add-group Interns 0f1e2d3c-1111-4000-8000-000000000102
> partner join Interns hedy@fabrikam.example
> partner join Night_Shift Interns
> plan
    contoso  enforce  2 to add
      Night_Shift  gives Reader on subscriptions/prod
        + hedy@fabrikam.example   · in the partner's group Night_Shift (groups/night-shift.yaml:5)
      guests
        + invite hedy@fabrikam.example
      ledger: 1 entry written

    nothing to say about northwind, tailspin

    Plan: 2 to add, 0 to change, 0 to remove at 1 of 3 customers.
    Forecast: 5 requests, 2 s under the quotas (Graph 5 requests, 6 units, 3 writes).
    sha256:…
> apply
    contoso  3 done
    Applied: 3 done.
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    hedy@fabrikam.example
    luca.night-shift@fabrikam.example

Groups that hold each other end somewhere, too.

> partner join Interns Night_Shift
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

Nobody shall nest anything into the night shift any more. Whoever is in stays in, and nothing else happens, until somebody has a look.

> edit groups/night-shift.yaml
    -   entraGroup: {objectId: 0f1e2d3c-1111-4000-8000-000000000101, nested: flatten}
    +   entraGroup: {objectId: 0f1e2d3c-1111-4000-8000-000000000101, nested: refuse}
> plan
    contoso  enforce  1 unclear
      ? in doubt  mismatch  partner group Night_Shift: the partner's group Night_Shift (0f1e2d3c-1111-4000-8000-000000000101) holds 2 nested groups, which `nested: refuse` forbids
          leaves undecided: who joined or left it, at every customer that has it

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 unclear.
    sha256:…
    exit 1

The interns go their own way; those who stand in the group only by them leave it.

> partner leave Night_Shift Interns
> plan
    contoso  enforce  1 to remove
      Night_Shift  gives Reader on subscriptions/prod
        - hedy@fabrikam.example   · no longer in the partner's group Night_Shift

    nothing to say about northwind, tailspin

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 3 customers.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…

A delegated administrator gets in by no group, however deep.

> edit groups/night-shift.yaml
    -   entraGroup: {objectId: 0f1e2d3c-1111-4000-8000-000000000101, nested: refuse}
    +   entraGroup: {objectId: 0f1e2d3c-1111-4000-8000-000000000101, nested: flatten}
> partner join Night_Shift Interns
> partner add eve@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000209
> partner join AdminAgents eve@fabrikam.example
> partner join Interns eve@fabrikam.example
> plan
    contoso  enforce  1 refused
      ! refused  delegatedAdmin  eve@fabrikam.example is in AdminAgents: as a guest she would lose that access
          kept from being planned
          hint: take eve@fabrikam.example out of this customer's partner groups, or out of the delegated group

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 refused.
    sha256:…
    exit 3
