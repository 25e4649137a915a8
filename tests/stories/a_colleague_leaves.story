# A colleague leaves

Barbara's account is disabled on her last day, and Dennis' was deleted already. Both must be out of every customer before anything
else is done there, although the files still name them.

> settle
> partner disable barbara@fabrikam.example
> partner delete dennis@fabrikam.example
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/northwind.yaml
      spec:
        members:
    +     linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> plan
    northwind  enforce  2 to add, 1 to remove
      Northwind_Readers  gives Reader on subscriptions/main
        - barbara@fabrikam.example   · the partner account is disabled (groups/northwind.yaml:8)
        + linus@fabrikam.example     · listed in Northwind_Readers (groups/northwind.yaml:6)
      guests
        + invite linus@fabrikam.example
      ledger: 1 entry written

    tailspin  enforce  2 to remove
      Tailspin_Readers  gives Reader on subscriptions/main
        - barbara@fabrikam.example   · the partner account is disabled (groups/tailspin.yaml:6)
        - dennis@fabrikam.example    · the partner account is deleted (groups/tailspin.yaml:7)

    nothing to say about contoso

    Plan: 2 to add, 0 to change, 3 to remove at 2 of 3 customers.
    Forecast: 9 requests, 4 s under the quotas (Graph 9 requests, 13 units, 6 writes).
    sha256:…
> apply
    northwind  4 done
    tailspin  1 done
    Applied: 5 done.
> show northwind
    groups
      Northwind_Readers: ada@fabrikam.example, linus@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, barbara@fabrikam.example, linus@fabrikam.example
    guests
      ada@fabrikam.example
      barbara@fabrikam.example
      linus@fabrikam.example, not accepted yet
    roles
      Northwind_Readers: Reader on subscriptions/main
> show tailspin
    groups
      Tailspin_Readers: nobody
      groupsync-0f1e2d3c-ledger: barbara@fabrikam.example, dennis@fabrikam.example
    guests
      barbara@fabrikam.example
      dennis@fabrikam.example
    roles
      Tailspin_Readers: Reader on subscriptions/main

They stay out as long as their accounts are what they are; the files may be tidied up later.

> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
> edit groups/northwind.yaml
    -     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

Barbara comes back from a long leave, and Northwind's file named her no more: she is let in at Tailspin alone.

> partner enable barbara@fabrikam.example
> plan
    tailspin  enforce  1 to add
      Tailspin_Readers  gives Reader on subscriptions/main
        + barbara@fabrikam.example   · listed in Tailspin_Readers (groups/tailspin.yaml:6)

    nothing to say about contoso, northwind

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 3 customers.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
