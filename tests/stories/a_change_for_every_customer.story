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
> apply
> plan
