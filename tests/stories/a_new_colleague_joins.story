# A new colleague joins

Linus starts at Fabrikam and works for Contoso. One line in Git makes him a guest there and a member of the team's group; it
gives him nothing else, and nothing anywhere else.

> settle
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
    +     linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> plan
    contoso  enforce  2 to add
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        + linus@fabrikam.example   · listed in Contoso_Readers (groups/contoso.yaml:6)
      guests
        + invite linus@fabrikam.example
      ledger: 1 entry written

    nothing to say about northwind, tailspin

    Plan: 2 to add, 0 to change, 0 to remove at 1 of 3 customers.
    Forecast: 5 requests, 2 s under the quotas (Graph 5 requests, 6 units, 3 writes).
    sha256:…
> apply
    contoso  3 done
    Applied: 3 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example, linus@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example, linus@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
      linus@fabrikam.example, not accepted yet
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
