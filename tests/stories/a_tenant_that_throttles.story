# A tenant that throttles

Contoso's tenant has had enough requests, ours or somebody else's, and says how long it wants to be left alone. Contoso waits as long as
it is told, and no longer; what is done at the others does not wait with it. What ends access goes before what gives it, and goes on
first.

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
> fault {service: graph, customer: contoso, method: DELETE, fault: throttle, retryAfter: "40", times: 1}
> apply
    contoso  4 done
    northwind  1 done
    tailspin  3 done
    Applied: 8 done.
> show log
    09:00:04  northwind: member removed
    09:00:04  tailspin: guest invited
    09:00:04  tailspin: member added
    09:00:04  tailspin: member added
    09:00:44  contoso: member removed
    09:00:46  contoso: guest invited
    09:00:46  contoso: member added
    09:00:46  contoso: member added

Only reading is waited for: the limits are judged over everybody before the first write.

> fault {service: graph, customer: contoso, fault: throttle, retryAfter: "40", times: 2}
> edit groups/tailspin.yaml
    -   barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
> apply
    tailspin  1 done
    Applied: 1 done.
> show log
    09:02:10  tailspin: member removed

If a tenant asks for more patience than a pass has, the pass ends there and says so. The others are done as ever.

> edit groups/contoso.yaml
    -   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/tailspin.yaml
    -   linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> fault {service: graph, customer: contoso, method: DELETE, fault: throttle, retryAfter: "3600"}
> apply
    contoso  1 failed
      ! failed: remove 1 member from Contoso_Readers: the next run tries again
          1 of 1 missing: linus@fabrikam.example: graph DELETE /groups/{id}/members/{id}/$ref answered 429 TooManyRequests: Please retry again later
          request id 1d71c1a6-1423-43c6-b679-409fa6f403a0
    tailspin  1 done
    Applied: 1 done, 1 failed.
    exit 1
> show log
    09:02:12  tailspin: member removed
> no faults

And when the hour is over, the rest.

> wait 1h
> apply
    contoso  1 done
    Applied: 1 done.
> show log
    10:02:14  contoso: member removed
