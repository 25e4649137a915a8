# A customer takes its consent back while the loop runs

Contoso's administrators remove our application from their tenant. The loop notices, says what is missing and how it comes back, and from
then on asks once an hour: every try is an entry in Contoso's sign-in log, and only a person there can end it. A grant that ends meanwhile
cannot be taken back, and that is said until it can. Northwind and Tailspin do not notice.

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
      expires: 2030-01-01T10:30:00Z
      reason: restore of rsv1
      ticket: INC-4711
> run 10m
    contoso  good
      runs: inc-4711 until 2030-01-01T10:30:00Z
    northwind  good
    tailspin  good
> show members contoso Contoso_BreakGlass
    ada@fabrikam.example
> at contoso revoke-consent
> show requests contoso
    2 × arm GET /subscriptions, answered 200
    4 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignments, answered 200
    2 × graph GET /groups, answered 200
    1 × graph GET /groups/{id}/owners, answered 200
    2 × graph POST /$batch, answered 200
    1 × graph POST /groups/{id}/members/$ref, answered 204
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    2 × login POST /{tenant}/oauth2/v2.0/token, answered 200
> run 2h
    contoso  accessLost, 3 passes in a row failed, the next is at 11:35
      overdue: removeMembers/groupsync-0f1e2d3c-g-contoso-breakglass/ended since 2030-01-01T10:30:00Z: whether it is gone cannot be told: signing in: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '22222222-2222-4000-8000-000000000001'. This can happen if the application has not been installed by the administrator of the…
      hint: an administrator of the customer consents to our application again
    northwind  good
    tailspin  good
> show requests contoso
    2 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    3 × login POST /{tenant}/oauth2/v2.0/token, answered 400
> show writes
    contoso: 1 × member added

The consent is back. Nobody waits for the hour to pass: somebody asks for a look, or a new process begins.

> at contoso consent-to lifecycle
> run 2m
    contoso  good
    northwind  good
    tailspin  good
> show members contoso Contoso_BreakGlass
    nobody
