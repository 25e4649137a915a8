# A colleague moves to another team

Ada becomes a contributor at Contoso and no longer reads there. She must never stand without access in between: in first, then
out, in one plan.

> settle
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
    -     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> edit groups/contoso.yaml
      metadata: {name: Contoso_Contributors}
      spec:
        members:
    +     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> plan contoso
    contoso  enforce  1 to add, 1 to remove
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        + ada@fabrikam.example   · listed in Contoso_Contributors (groups/contoso.yaml:13)
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - ada@fabrikam.example   · no longer listed in Contoso_Readers, moves to Contoso_Contributors

    Plan: 1 to add, 0 to change, 1 to remove at 1 of 1 customer.
    Forecast: 2 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes).
    sha256:…

Graph fails when she is to be added. Then she is not taken out either.

> fault {service: graph, customer: contoso, method: PATCH, route: "/groups/{id}", fault: error}
> fault {service: graph, customer: contoso, method: POST, route: "/groups/{id}/members/$ref", fault: error}
> apply
    contoso  1 failed, 1 not begun
      ! failed: add 1 member to Contoso_Contributors: the next run tries again
          1 of 1 missing: ada@fabrikam.example: graph POST /groups/{id}/members/$ref answered 503 ServiceUnavailable: The service is temporarily unavailable
          request id 7035b6b2-7376-4125-ac90-a8543319ff4c
          with it: remove 1 member from Contoso_Readers
    Applied: 1 failed, 1 not begun.
    exit 1
> show members contoso Contoso_Readers
    ada@fabrikam.example
    grace@fabrikam.example
> no faults
> apply
    contoso  2 done
    Applied: 2 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: ada@fabrikam.example, grace@fabrikam.example
      Contoso_Readers: grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
