# A tenant that throttles

Contoso's tenant has had enough requests, ours or somebody else's, and says how long it wants to be left alone. Contoso waits as long as
it is told, and no longer; the others do not wait with it. Once it goes on, what ends access goes before what gives it.

> settle
> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> partner disable ada@fabrikam.example
> edit groups/contoso.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> edit groups/tailspin.yaml
      members:
    +   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> fault {service: graph, customer: contoso, fault: throttle, retryAfter: "40", times: 2}
> apply
    error[GS020]: while parsing a block mapping, did not find expected key
     --> groups/contoso.yaml:7:5
      |
    7 |     ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
      |     ^
      |
      = hint: check the indentation, the colons and the quotes of this line and the one before it

    1 error
    exit 4
> show log
    none

If a tenant asks for more patience than a pass has, the pass ends there and says so. The others are done as ever.

> edit groups/contoso.yaml
    -   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/tailspin.yaml
    -   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> fault {service: graph, customer: contoso, method: DELETE, fault: throttle, retryAfter: "3600"}
> apply
    contoso  1 failed
      ! failed: remove 1 member from Contoso_Readers: the next run tries again
          1 of 1 missing: ada@fabrikam.example: graph DELETE /groups/{id}/members/{id}/$ref answered 429 TooManyRequests: Please retry again later
          request id 1f0d4ea1-a188-47ba-a5a9-3cc5535e5ec2
    northwind  1 done
    Applied: 1 done, 1 failed.
    exit 1
> show log
    09:01:22  northwind: member removed
> no faults

And when the hour is over, the rest.

> wait 1h
> apply
    contoso  1 done
    Applied: 1 done.
> show log
    10:01:24  contoso: member removed
