# A grant is ended early

The vault is restored after an hour, and Ada deletes her grant's file. Her access ends with the next run: nothing supports it any
more, and no limit and no suspension may keep it.

> settle
> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T09:00:00Z
      expires: 2030-01-01T13:00:00Z
      reason: restore of the recovery vault
> apply
    contoso  1 done
    Applied: 1 done.
> show members contoso Contoso_BreakGlass
    ada@fabrikam.example
> wait 1h
> delete customers/contoso/grants/inc-4711.yaml
> plan contoso
    contoso  enforce  1 to remove
      Contoso_BreakGlass  gives Owner on subscriptions/prod
        - ada@fabrikam.example   · no running grant supports it

    Plan: 0 to add, 0 to change, 1 to remove at 1 of 1 customer.
    Forecast: 2 requests, 2 s under the quotas (Graph 2 requests, 3 units, 1 write).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> show members contoso Contoso_BreakGlass
    nobody
