# A mass of leavers is held

One morning every account of Fabrikam reads as disabled. That is more likely a mistake in the partner tenant than four people
leaving at once, so nobody is taken out until somebody says that it is meant.

> settle
> partner disable ada@fabrikam.example
> partner disable grace@fabrikam.example
> partner disable barbara@fabrikam.example
> partner disable dennis@fabrikam.example
> plan
    contoso  enforce  2 held
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        - grace@fabrikam.example  held  · the partner account is disabled (groups/contoso.yaml:14)
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example  held    · the partner account is disabled (groups/contoso.yaml:6)
        - grace@fabrikam.example  held  · the partner account is disabled (groups/contoso.yaml:7)
      ! held  fleetLeavers  4 of 4 people would leave at once; allowed are 3 (5 %, at least 3): is the partner tenant read right?
          counted 4, allowed 3, holds 2 operations
          hint: if this is meant, release the customers with an Override document under overrides/, or split the change
          digest: sha256:…

    northwind  enforce  1 held
      Northwind_Readers  gives Reader on subscriptions/main
        - ada@fabrikam.example  held      · the partner account is disabled (groups/northwind.yaml:6)
        - barbara@fabrikam.example  held  · the partner account is disabled (groups/northwind.yaml:7)
      ! held  fleetLeavers  4 of 4 people would leave at once; allowed are 3 (5 %, at least 3): is the partner tenant read right?
          counted 4, allowed 3, holds 1 operation
          hint: if this is meant, release the customers with an Override document under overrides/, or split the change
          digest: sha256:…

    tailspin  enforce  1 held
      Tailspin_Readers  gives Reader on subscriptions/main
        - barbara@fabrikam.example  held  · the partner account is disabled (groups/tailspin.yaml:6)
        - dennis@fabrikam.example  held   · the partner account is disabled (groups/tailspin.yaml:7)
      ! held  fleetLeavers  4 of 4 people would leave at once; allowed are 3 (5 %, at least 3): is the partner tenant read right?
          counted 4, allowed 3, holds 1 operation
          hint: if this is meant, release the customers with an Override document under overrides/, or split the change
          digest: sha256:…

    Plan: nothing is written at 3 customers, 4 held.
    sha256:…
    exit 3
> apply
    Applied: nothing. Left alone: 4 held.
    exit 3
> show writes
    none

It is meant: the team was sold. Somebody reviews the digests and says so in Git, for a day.

> file overrides/2030-01-01.yaml
    apiVersion: groupsync.dev/v1
    kind: Override
    metadata: {name: 2030-01-01}
    spec:
      digests:
        contoso: "{digest contoso}"
        northwind: "{digest northwind}"
        tailspin: "{digest tailspin}"
      expires: 2030-01-02T00:00:00Z
      reason: the team was sold
> apply
    contoso  2 done
    northwind  1 done
    tailspin  1 done
    Applied: 4 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: nobody
      Contoso_Readers: nobody
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
