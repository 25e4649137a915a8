# Emergency access ends by itself

Ada has to restore a vault at Contoso this morning and needs Owner for four hours. A grant gives it to her, and takes it away at
its end, whether anybody thinks of it or not.

> settle
> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T10:00:00Z
      expires: 2030-01-01T14:00:00Z
      reason: restore of the recovery vault
      ticket: INC-4711

It is nine o'clock: not yet.

> plan contoso
    contoso  enforce
      * grantAhead  ada@fabrikam.example gets into Contoso_BreakGlass from 2030-01-01T10:00:00Z until 2030-01-01T14:00:00Z, which gives Owner on subscriptions/prod; grant inc-4711: restore of the recovery vault (INC-4711)

    Plan: nothing to do at 1 customer, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
> wait until 2030-01-01 10:00:00Z
> plan contoso
    contoso  enforce  1 to add
      Contoso_BreakGlass  gives Owner on subscriptions/prod
        + ada@fabrikam.example  until 2030-01-01 14:00Z  · grant inc-4711 (INC-4711): restore of the recovery vault (customers/contoso/grants/inc-4711.yaml:1)

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 1 customer.
    Forecast: 1 request, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> show members contoso Contoso_BreakGlass
    ada@fabrikam.example

At noon nothing has changed.

> wait until 2030-01-01 12:00:00Z
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

At two it is over, even while the customer is suspended and everything else stands still.

> edit customers/contoso/customer.yaml
    - state: enforce
    + state: suspend
> wait until 2030-01-01 14:00:00Z
> plan contoso
    contoso  suspend  1 to remove
      suspend: only access that has ended goes
      Contoso_BreakGlass  gives Owner on subscriptions/prod
        - ada@fabrikam.example   · grant inc-4711 ended at 2030-01-01T14:00:00Z (customers/contoso/grants/inc-4711.yaml:1)

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer.
    Forecast: 2 requests, 2 s under the quotas (Graph 2 requests, 3 units, 1 write).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> show members contoso Contoso_BreakGlass
    nobody
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
