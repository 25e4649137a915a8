# A change for every customer

The night shift becomes one group for everybody. Whoever reviews that has to see at once what is the same everywhere, and what is not:
Contoso gets more than the others, and in the same pull request somebody moves Northwind's readers.

> file customers/litware/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: litware}
    spec:
      tenantId: 55555555-5555-4000-8000-000000000001
      state: enforce
      nameInGroups: Litware
      subscriptions:
        main: 55555555-5555-4000-8000-0000000000b1
      templates: [managed-azure]
> file groups/litware.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Litware_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> file customers/proseware/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: proseware}
    spec:
      tenantId: 66666666-6666-4000-8000-000000000001
      state: enforce
      nameInGroups: Proseware
      subscriptions:
        main: 66666666-6666-4000-8000-0000000000b1
      templates: [managed-azure]
> file groups/proseware.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Proseware_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> file customers/wingtip/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: wingtip}
    spec:
      tenantId: 77777777-7777-4000-8000-000000000001
      state: enforce
      nameInGroups: Wingtip
      subscriptions:
        main: 77777777-7777-4000-8000-0000000000b1
      templates: [managed-azure]
> file groups/wingtip.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Wingtip_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> file customers/woodgrove/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: woodgrove}
    spec:
      tenantId: 88888888-8888-4000-8000-000000000001
      state: enforce
      nameInGroups: Woodgrove
      subscriptions:
        main: 88888888-8888-4000-8000-0000000000b1
      templates: [managed-azure]
> file groups/woodgrove.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Woodgrove_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> file groups/noc.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: NOC_EU}
    spec:
      members:
        edsger@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000207
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
        linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> edit policy.yaml
      spec:
    +   tenantsPerPerson: {warn: 6, refuse: 490}
> settle
> edit templates/managed-azure.yaml
        "{customer}_Readers":
          roles: {Reader: subscriptions/*}
    +   NOC_EU:
    +     roles: {Reader: subscriptions/*}
> edit customers/contoso/customer.yaml
        Contoso_BreakGlass:
          from: none
          roles: {Owner: subscriptions/prod}
    +   Contoso_Night:
    +     from: NOC_EU
    +     roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
> edit groups/northwind.yaml
    -   ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
> comment
    ### groupsync plan: 61 to add, 0 to change, 1 to remove at 7 of 7 customers

    | | |
    |---|---|
    | Customers changed | 7 of 7 |
    | Gained | 24 memberships, 9 roles, 8 groups, 20 invitations (3 people) |
    | Roles by tier | 1 elevated, 8 standard |
    | Lost | 1 membership (1 person) |
    | People in many tenants | 3 |
    | Forecast | 67 requests, 2 s under the quotas (Graph 58 requests, 78 units, 44 writes; Azure 9 requests, 9 writes, all to Microsoft.Authorization) |

    #### What goes

    - **−** `ada@fabrikam.example` out of `Northwind_Readers` at `northwind`: no longer listed in `Northwind_Readers`

    #### People in many tenants

    | person | customers | allowed |
    |---|--:|--:|
    | `edsger@fabrikam.example` | 7 | 490 |
    | `grace@fabrikam.example` | 7 | 490 |
    | `linus@fabrikam.example` | 7 | 490 |

    #### Access by person

    | person | gains | loses |
    |---|---|---|
    | `edsger@fabrikam.example` | `Contributor` through `Contoso_Night` at `contoso`<br>`Reader` through `NOC_EU` at `contoso`, `litware`, `northwind` and 4 more |  |
    | `grace@fabrikam.example` | `Contributor` through `Contoso_Night` at `contoso`<br>`Reader` through `NOC_EU` at `contoso`, `litware`, `northwind` and 4 more |  |
    | `linus@fabrikam.example` | `Contributor` through `Contoso_Night` at `contoso`<br>`Reader` through `NOC_EU` at `contoso`, `litware`, `northwind` and 4 more |  |
    | `ada@fabrikam.example` |  | `Reader` through `Northwind_Readers` at `northwind` |

    #### What comes, equal changes together

    - **+** `Contributor` on `subscriptions/prod/resourceGroups/rg-app` for `Contoso_Night` (new group) at `contoso`: 3 people, `grace@fabrikam.example`, `linus@fabrikam.example`, `edsger@fabrikam.example`
    - **+** `Reader` on `subscriptions/main` for `NOC_EU` (new group) in 6 customers (`litware`, `northwind`, `proseware`, `tailspin`, `wingtip`, `woodgrove`): the same 3 people, `grace@fabrikam.example`, `linus@fabrikam.example`, `edsger@fabrikam.example`
    - **+** `Reader` on `subscriptions/prod`, `Reader` on `subscriptions/test` for `NOC_EU` (new group) at `contoso`: 3 people, `grace@fabrikam.example`, `linus@fabrikam.example`, `edsger@fabrikam.example`

    Planned 2030-01-01 09:00:04Z for 7 customers.
    `sha256:…`
> apply
    contoso  11 done
    litware  9 done
    northwind  10 done
    proseware  9 done
    tailspin  9 done
    wingtip  9 done
    woodgrove  9 done
    Applied: 66 done.
> plan
    nothing to say about contoso, litware, northwind, proseware, tailspin, wingtip, woodgrove

    Plan: nothing to do at 7 customers: the tenants hold what the files ask for.
    sha256:…
