# A guest goes with its grant

Linus, who never worked for Contoso, helps there for two hours; nothing of him shall stay behind. The guest is deleted too, but only
when replicas have had ten minutes to agree that nothing else uses it.

> settle
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> file customers/contoso/grants/chg-2.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: chg-2}
    spec:
      group: Contoso_BreakGlass
      person: {linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203}
      notBefore: 2030-01-01T09:00:00Z
      expires: 2030-01-01T11:00:00Z
      reason: a second pair of eyes on the migration
      onExpiry: deleteGuest
> apply
    contoso  3 done
    Applied: 3 done.
> wait until 2030-01-01 11:00:00Z
> plan contoso
    contoso  enforce  2 to remove
      Contoso_BreakGlass  gives Owner on subscriptions/prod
        - linus@fabrikam.example   · grant chg-2 ended at 2030-01-01T11:00:00Z (customers/contoso/grants/chg-2.yaml:1)
      guests
        - delete guest linus@fabrikam.example   · grant chg-2 ended and takes the guest with it (customers/contoso/grants/chg-2.yaml:1)

    Plan: 0 to add, 0 to change, 2 to remove at 1 of 1 customer.
    Forecast: 2 requests, 2 s under the quotas (Graph 2 requests, 3 units, 1 write); 1 operation for a later run.
    sha256:…
> apply
    contoso  1 done, 1 for later
      ~ for later: delete guest linus@fabrikam.example: from 2030-01-01 11:10Z on, in 10 min
          not sooner than ten minutes after our own last change to the guest: replicas must agree first
    Applied: 1 done, 1 for later.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
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

The next run finds a guest that nothing uses.

> wait 10m
> plan contoso
    contoso  enforce  1 to remove
      guests
        - delete guest linus@fabrikam.example   · grant chg-2 ended and takes the guest with it (customers/contoso/grants/chg-2.yaml:1)

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer.
    Forecast: 6 requests, 2 s under the quotas (Graph 3 requests, 5 units, 1 write; Azure 3 requests, 0 writes, 2 to Microsoft.Authorization).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

One run can also do it all, if it may wait.

> partner add hedy@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000207
> file customers/contoso/grants/chg-3.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: chg-3}
    spec:
      group: Contoso_BreakGlass
      person: {hedy@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000207}
      notBefore: 2030-01-01T12:00:00Z
      expires: 2030-01-01T13:00:00Z
      reason: a third one
      onExpiry: deleteGuest
> wait until 2030-01-01 12:00:00Z
> apply
    contoso  3 done
    Applied: 3 done.
> wait until 2030-01-01 13:00:00Z
> apply --wait
    contoso  2 done
    Applied: 2 done.
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

A guest that something else uses stays, and the plan says why.

> partner add joan@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000208
> file customers/contoso/grants/chg-4.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: chg-4}
    spec:
      group: Contoso_BreakGlass
      person: {joan@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000208}
      notBefore: 2030-01-01T14:00:00Z
      expires: 2030-01-01T15:00:00Z
      reason: a fourth one
      onExpiry: deleteGuest
> wait until 2030-01-01 14:00:00Z
> apply
    contoso  3 done
    Applied: 3 done.
> at contoso add-group "Project Phoenix" joan@fabrikam.example
> wait until 2030-01-01 15:00:00Z
> plan contoso
    contoso  enforce  1 to remove
      Contoso_BreakGlass  gives Owner on subscriptions/prod
        - joan@fabrikam.example   · grant chg-4 ended at 2030-01-01T15:00:00Z (customers/contoso/grants/chg-4.yaml:1)
      * guestKept  joan@fabrikam.example: not deleted: it is a member of Project Phoenix (b2789d1d-0cf7-50b2-a1d2-88139932c516), which is not ours
          hint: the customer may delete the guest once nothing needs it

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer, 1 worth knowing.
    Forecast: 2 requests, 2 s under the quotas (Graph 2 requests, 3 units, 1 write).
    sha256:…
> apply
    contoso  1 done
      * stays: joan@fabrikam.example: not deleted: it is a member of Project Phoenix (b2789d1d-0cf7-50b2-a1d2-88139932c516), which is not ours
    Applied: 1 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      Project Phoenix: joan@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example, joan@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
      joan@fabrikam.example, not accepted yet
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
