# Files that are wrong

Whatever is wrong in the files, every problem is shown at once with its place, and nothing is written while there is one.

> settle

A kind that does not exist, and two documents of one name.

> file groups/more.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGruop
    metadata: {name: Contoso_Auditors}
    spec:
      members: {}
    ---
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Contoso_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> validate
    error[GS030]: unknown kind `PartnerGruop`
     --> groups/more.yaml:2:7
      |
    2 | kind: PartnerGruop
      |       ^^^^^^^^^^^^
      |
      = hint: did you mean `PartnerGroup`?

    error[GS042]: a second PartnerGroup called `Contoso_Readers`
     --> groups/more.yaml:9:18
      |
    9 | metadata: {name: Contoso_Readers}
      |                  ^^^^^^^^^^^^^^^
      |
      = note: the first one: groups/contoso.yaml:3:18
      = hint: rename one of the two

    2 errors
    exit 4
> delete groups/more.yaml

One tenant for two customers.

> edit customers/northwind/customer.yaml
    - tenantId: 33333333-3333-4000-8000-000000000001
    + tenantId: 22222222-2222-4000-8000-000000000001
> validate
    error[GS080]: the tenant 22222222-2222-4000-8000-000000000001 belongs to `contoso` already
     --> customers/northwind/customer.yaml:5:13
      |
    5 |   tenantId: 22222222-2222-4000-8000-000000000001
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
      |
      = note: first named here: customers/contoso/customer.yaml:5:13
      = hint: one of the two was probably copied and not changed

    1 error
    exit 4
> edit customers/northwind/customer.yaml
    - tenantId: 22222222-2222-4000-8000-000000000001
    + tenantId: 33333333-3333-4000-8000-000000000001

A role that the policy does not know, a subscription that is another customer's, a scope that is none.

> edit customers/contoso/customer.yaml
    -     roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
    +     roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
> validate
    error[GS054]: there is no role `Contributer`
      --> customers/contoso/customer.yaml:15:15
       |
    15 |       roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
       |               ^^^^^^^^^^^
       |
       = hint: did you mean `Contributor`?

    error[GS055]: `main` is a subscription of `northwind`, not of `contoso`
      --> customers/contoso/customer.yaml:15:56
       |
    15 |       roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
       |                                                        ^^^^^^^^^^^^^^^^^^
       |
       = hint: `contoso` has `prod` and `test`

    error[GS095]: `Owner` is privileged, and memberships of `Contoso_Contributors` do not end
      --> customers/contoso/customer.yaml:15:76
       |
    15 |       roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
       |                                                                            ^^^^^
       |
       = hint: use `from: none` with grants, or give every listed member `expires`

    error[GS035]: `/` is not a scope: write it without the leading slash, by the subscription's alias: `subscriptions/prod`
      --> customers/contoso/customer.yaml:15:83
       |
    15 |       roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
       |                                                                                   ^

    4 errors
    exit 4
> edit customers/contoso/customer.yaml
    -     roles: {Contributer: subscriptions/prod, Reader: subscriptions/main, Owner: /}
    +     roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}

A grant that ends before it starts, one that lasts too long, one for somebody of another company.

> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T13:00:00Z
      expires: 2030-01-01T09:00:00Z
      reason: restore of the recovery vault
    ---
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4712}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T09:00:00Z
      expires: 2030-01-08T09:00:00Z
      reason: restore of the recovery vault
    ---
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4713}
    spec:
      group: Contoso_BreakGlas
      person: {mallory@elsewhere.example: 0f1e2d3c-1111-4000-8000-000000000666}
      expires: 2030-01-01T13:00:00Z
      reason: none
> plan
    error[GS100]: the grant ends at 2030-01-01T09:00:00Z, but starts only at 2030-01-01T13:00:00Z
     --> customers/contoso/grants/inc-4711.yaml:8:12
      |
    8 |   expires: 2030-01-01T09:00:00Z
      |            ^^^^^^^^^^^^^^^^^^^^
      |
      = note: it starts here: customers/contoso/grants/inc-4711.yaml:7:14
      = hint: `expires` comes after `notBefore`

    error[GS101]: the grant lasts 168h, 12h are allowed
      --> customers/contoso/grants/inc-4711.yaml:18:12
       |
    18 |   expires: 2030-01-08T09:00:00Z
       |            ^^^^^^^^^^^^^^^^^^^^
       |
       = hint: shorten it; `grantMaxDuration` in Policy sets the limit

    error[GS053]: `contoso` has no group `Contoso_BreakGlas`
      --> customers/contoso/grants/inc-4711.yaml:25:10
       |
    25 |   group: Contoso_BreakGlas
       |          ^^^^^^^^^^^^^^^^^
       |
       = hint: did you mean `Contoso_BreakGlass`?

    error[GS060]: `mallory@elsewhere.example` is not in a staff domain
      --> customers/contoso/grants/inc-4711.yaml:26:12
       |
    26 |   person: {mallory@elsewhere.example: 0f1e2d3c-1111-4000-8000-000000000666}
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: only addresses in the Partner's staffDomains are ever invited

    4 errors
    exit 4
> apply
    error[GS100]: the grant ends at 2030-01-01T09:00:00Z, but starts only at 2030-01-01T13:00:00Z
     --> customers/contoso/grants/inc-4711.yaml:8:12
      |
    8 |   expires: 2030-01-01T09:00:00Z
      |            ^^^^^^^^^^^^^^^^^^^^
      |
      = note: it starts here: customers/contoso/grants/inc-4711.yaml:7:14
      = hint: `expires` comes after `notBefore`

    error[GS101]: the grant lasts 168h, 12h are allowed
      --> customers/contoso/grants/inc-4711.yaml:18:12
       |
    18 |   expires: 2030-01-08T09:00:00Z
       |            ^^^^^^^^^^^^^^^^^^^^
       |
       = hint: shorten it; `grantMaxDuration` in Policy sets the limit

    error[GS053]: `contoso` has no group `Contoso_BreakGlas`
      --> customers/contoso/grants/inc-4711.yaml:25:10
       |
    25 |   group: Contoso_BreakGlas
       |          ^^^^^^^^^^^^^^^^^
       |
       = hint: did you mean `Contoso_BreakGlass`?

    error[GS060]: `mallory@elsewhere.example` is not in a staff domain
      --> customers/contoso/grants/inc-4711.yaml:26:12
       |
    26 |   person: {mallory@elsewhere.example: 0f1e2d3c-1111-4000-8000-000000000666}
       |            ^^^^^^^^^^^^^^^^^^^^^^^^^
       |
       = hint: only addresses in the Partner's staffDomains are ever invited

    4 errors
    exit 4
> show writes
    none
> delete customers/contoso/grants/inc-4711.yaml
> validate
    no problems

No files at all.

> delete partner.yaml policy.yaml groups templates customers
> validate
    error[GS002]: `desired-state` holds no desired state
     |
     = hint: it needs at least a Partner and a Policy, see desired-state/ of this project

    1 error
    exit 4
> apply
    error[GS002]: `desired-state` holds no desired state
     |
     = hint: it needs at least a Partner and a Policy, see desired-state/ of this project

    1 error
    exit 4
> show writes
    none
