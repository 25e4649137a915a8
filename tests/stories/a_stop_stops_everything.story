# A file STOP stops everything

Something is badly wrong, and nobody knows yet what. Somebody puts a file `STOP` beside the files, with the reason in it: from then on
nothing is written anywhere, not even what ends access. Reading goes on, so everybody sees what waits. Access that should have ended is
overdue, and that pages. Once the file is gone, what waited is done.

> keep a journal
> settle
> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T09:00:00Z
      expires: 2030-01-01T09:20:00Z
      reason: restore of rsv1
      ticket: INC-4711
> run 10m
    contoso  good
      runs: inc-4711 until 2030-01-01T09:20:00Z
    northwind  good
    tailspin  good
> show writes
    contoso: 1 × member added
> file STOP
    incident 4712: somebody emptied a group by hand
> edit groups/northwind.yaml
    -     barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
> run 25m
    STOP: incident 4712: somebody emptied a group by hand
    contoso  differs
      overdue: removeMembers/groupsync-0f1e2d3c-g-contoso-breakglass/ended since 2030-01-01T09:20:00Z: the file STOP stops all writes: incident 4712: somebody emptied a group by hand
    northwind  differs
    tailspin  good
> show writes
    none
> show members contoso Contoso_BreakGlass
    ada@fabrikam.example
> apply
    contoso  1 not begun
      ! ended early: the file STOP stops all writes: incident 4712: somebody emptied a group by hand
    northwind  1 not begun
      ! ended early: the file STOP stops all writes: incident 4712: somebody emptied a group by hand
    Applied: 2 not begun.
    exit 1

It was a false alarm.

> delete STOP
> run 2m
    contoso  good
    northwind  good
    tailspin  good
> show writes
    contoso: 1 × member removed
    northwind: 1 × member removed
> show members contoso Contoso_BreakGlass
    nobody
