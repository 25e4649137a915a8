# Invitations are blocked

Contoso forbids invitations to Fabrikam's domain. Whoever is a guest already is not concerned; nobody new can come in, and that is one
clear state and not an error that comes back every hour.

> settle
> at contoso set-policy block-domain fabrikam.example
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> partner add hedy@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000207
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
    +     hedy@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000207
    +     linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> apply
    contoso  5 refused
      ! refused: invite linus@fabrikam.example; invite hedy@fabrikam.example
          this tenant's own rules block invitations of fabrikam.example: graph POST /invitations answered 400 BadRequest: The domain of the invited user's mail address is not allowed by your company's invitation policy
          request id 2e805360-1c1e-4baf-87e0-a850308d5d3b
          with it: write linus@fabrikam.example into the ledger; write hedy@fabrikam.example into the ledger
      ! refused: add 2 members to Contoso_Readers
          2 of 2 missing: linus@fabrikam.example, hedy@fabrikam.example: the invitation was refused
    Applied: 5 refused.
    exit 3
> show members contoso Contoso_Readers
    ada@fabrikam.example
    grace@fabrikam.example

Ada, a guest since long, still gets her second group.

> edit groups/contoso.yaml
      metadata: {name: Contoso_Contributors}
      spec:
        members:
    +     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> apply
    contoso  1 done, 5 refused
      ! refused: invite linus@fabrikam.example; invite hedy@fabrikam.example
          this tenant's own rules block invitations of fabrikam.example: graph POST /invitations answered 400 BadRequest: The domain of the invited user's mail address is not allowed by your company's invitation policy
          request id 95a6a7f5-510c-42e5-8501-84371dc170a3
          with it: write linus@fabrikam.example into the ledger; write hedy@fabrikam.example into the ledger
      ! refused: add 2 members to Contoso_Readers
          2 of 2 missing: linus@fabrikam.example, hedy@fabrikam.example: the invitation was refused
    Applied: 1 done, 5 refused.
    exit 3
> show members contoso Contoso_Contributors
    ada@fabrikam.example
    grace@fabrikam.example

The customer allows the domain.

> at contoso set-policy allow-domain fabrikam.example
> apply
    contoso  5 done
    Applied: 5 done.
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

Northwind lets nobody invite at all.

> at northwind set-policy invitations nobody
> edit groups/northwind.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> apply
    northwind  3 refused
      ! refused: invite linus@fabrikam.example
          this tenant's own rules block invitations of fabrikam.example: graph POST /invitations answered 403 Forbidden: Guest invitations not allowed for your company. Contact your company administrator for more details
          request id 4709cab3-c7e1-47f4-9d1a-1ec1ca49708b
          with it: write linus@fabrikam.example into the ledger
      ! refused: add 1 member to Northwind_Readers
          1 of 1 missing: linus@fabrikam.example: the invitation was refused
    Applied: 3 refused.
    exit 3
