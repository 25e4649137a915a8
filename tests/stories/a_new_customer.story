# A new customer

Wingtip signs. One pull request says who gets what there; until the customer has consented nothing can be read, and until somebody has
looked nothing is written.

> file customers/wingtip/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: wingtip}
    spec:
      tenantId: 55555555-5555-4000-8000-000000000001
      verifyDomain: wingtip.example
      state: observe
      nameInGroups: Wingtip
      subscriptions:
        prod: 55555555-5555-4000-8000-0000000000b1
      templates: [managed-azure]
> file groups/wingtip.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Wingtip_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
        barbara@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000205
> settle
> at wingtip revoke-consent
> plan wingtip

It consents. What would happen is listed, for the pull request and for whoever looks.

> at wingtip consent-to lifecycle
> plan wingtip
> comment
> explain ada@fabrikam.example wingtip
> apply
> show writes
> edit customers/wingtip/customer.yaml
    -   state: observe
    +   state: enforce
> plan wingtip
> apply
> show wingtip
> plan wingtip
