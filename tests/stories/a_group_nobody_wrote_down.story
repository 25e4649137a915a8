# A group nobody wrote down

A mapping got lost in a merge. Its group is still there, proven ours by its unique name, and a plan would delete it. Import writes the
mapping down again.

> settle
> edit customers/contoso/customer.yaml
    - Contoso_Contributors:
    -   roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
> plan contoso
    contoso  enforce  3 to remove
      Contoso_Contributors
        - grace@fabrikam.example                                    · no file declares this group any more
        - Contributor on subscriptions/prod/resourceGroups/rg-app   · no file declares this role assignment any more
        - the group itself                                          · no file declares this group any more

    Plan: 0 to add, 0 to change, 3 to remove at 1 of 1 customer.
    Forecast: 3 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> import --merge contoso
    contoso
      surely ours
        "Contoso_Contributors" 4e6db075-fa4e-45a4-b122-8f8b528008d9
          made by groupsync, as its unique name proves; one person of ours is in it
          + mapping Contoso_Contributors from the partner group Contoso_Contributors
          + Contributor on subscriptions/prod/resourceGroups/rg-app
      foreign, never written: 1 other holder

    customers/contoso/customer.yaml  changed

    Import: 1 mapping to write at 1 of 1 customer, 0 left out.
> show file customers/contoso/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: contoso}
    spec:
      tenantId: 22222222-2222-4000-8000-000000000001
      verifyDomain: contoso.example
      state: enforce
      nameInGroups: Contoso
      subscriptions:
        prod: 22222222-2222-4000-8000-0000000000b1
        test: 22222222-2222-4000-8000-0000000000b2
      templates: [managed-azure]
      groups:
        Contoso_BreakGlass:
          from: none
          roles: {Owner: subscriptions/prod}
        # Made by groupsync, as its unique name proves, and in no file any more.
        Contoso_Contributors:
          roles:
            Contributor: subscriptions/prod/resourceGroups/rg-app
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

The customer's own name for it makes no difference: what it was made as is in its unique name. If its partner group is gone as well,
whoever stands in it is written down anew.

> edit groups/contoso.yaml
    - ---
    - apiVersion: groupsync.dev/v1
    - kind: PartnerGroup
    - metadata: {name: Contoso_Contributors}
    - spec:
    -   members:
    -     grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> edit customers/contoso/customer.yaml
    - # Made by groupsync, as its unique name proves, and in no file any more.
    - Contoso_Contributors:
    -   roles:
    -     Contributor: subscriptions/prod/resourceGroups/rg-app
> at contoso rename-group Contoso_Contributors "Robin's <b>own</b>"
> import --merge contoso
    contoso
      surely ours
        "Robin's <b>own</b>" 4e6db075-fa4e-45a4-b122-8f8b528008d9
          made by groupsync, as its unique name proves; one person of ours is in it
          + mapping contoso-contributors from a new partner group contoso-contributors
          + grace@fabrikam.example
          + Contributor on subscriptions/prod/resourceGroups/rg-app
      foreign, never written: 1 other holder

    customers/contoso/customer.yaml  changed
    groups/imported/contoso.yaml  new

    Import: 1 mapping to write at 1 of 1 customer, 0 left out.
> show file customers/contoso/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: contoso}
    spec:
      tenantId: 22222222-2222-4000-8000-000000000001
      verifyDomain: contoso.example
      state: enforce
      nameInGroups: Contoso
      subscriptions:
        prod: 22222222-2222-4000-8000-0000000000b1
        test: 22222222-2222-4000-8000-0000000000b2
      templates: [managed-azure]
      groups:
        Contoso_BreakGlass:
          from: none
          roles: {Owner: subscriptions/prod}
        # Made by groupsync, as its unique name proves, and in no file any more.
        contoso-contributors:
          as: "Robin's <b>own</b>"
          roles:
            Contributor: subscriptions/prod/resourceGroups/rg-app
> show file groups/imported/contoso.yaml
    # Written by `groupsync import`: who stands in the group "Robin's <b>own</b>" (4e6db075-fa4e-45a4-b122-8f8b528008d9) at contoso.
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: contoso-contributors}
    spec:
      members:
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

A role that got lost from a mapping comes back into it: that we gave it is in the name of its assignment. A mapping of a template is
not this customer's alone, so there it is for a person to say what is meant.

> edit customers/contoso/customer.yaml
    - roles: {Owner: subscriptions/prod}
    + roles: {}
> edit templates/managed-azure.yaml
    - roles: {Reader: subscriptions/*}
    + roles: {}
> import --merge contoso
    contoso
      surely ours
        + Owner on subscriptions/prod, which we gave to Contoso_BreakGlass, is in no file any more
        - Reader on subscriptions/prod, which we gave to Contoso_Readers, is in no file any more
          left out: its mapping stands in templates/managed-azure.yaml:6, which is not this customer's alone
          to keep it, write `Reader: subscriptions/prod` under `roles` of Contoso_Readers
        - Reader on subscriptions/test, which we gave to Contoso_Readers, is in no file any more
          left out: its mapping stands in templates/managed-azure.yaml:6, which is not this customer's alone
          to keep it, write `Reader: subscriptions/test` under `roles` of Contoso_Readers
      foreign, never written: 1 other holder
      a plan of the files does besides, with or without this
        * take Reader on /subscriptions/22222222-2222-4000-8000-0000000000b2 from Contoso_Readers
        * take Reader on /subscriptions/22222222-2222-4000-8000-0000000000b1 from Contoso_Readers

    customers/contoso/customer.yaml  changed

    Import: 0 mappings and 1 role to write at 1 of 1 customer, 2 left out.
> edit templates/managed-azure.yaml
    - roles: {}
    + roles: {Reader: subscriptions/*}
> show file customers/contoso/customer.yaml
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: contoso}
    spec:
      tenantId: 22222222-2222-4000-8000-000000000001
      verifyDomain: contoso.example
      state: enforce
      nameInGroups: Contoso
      subscriptions:
        prod: 22222222-2222-4000-8000-0000000000b1
        test: 22222222-2222-4000-8000-0000000000b2
      templates: [managed-azure]
      groups:
        Contoso_BreakGlass:
          from: none
          roles: {Owner: subscriptions/prod}
        # Made by groupsync, as its unique name proves, and in no file any more.
        contoso-contributors:
          as: "Robin's <b>own</b>"
          roles:
            Contributor: subscriptions/prod/resourceGroups/rg-app
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

What cannot be read is not empty: as long as a subscription's roles are unknown, nothing is written that depends on them.

> edit customers/contoso/customer.yaml
    - # Made by groupsync, as its unique name proves, and in no file any more.
    - contoso-contributors:
    -   as: "Robin's <b>own</b>"
    -   roles:
    -     Contributor: subscriptions/prod/resourceGroups/rg-app
> fault {service: arm, customer: contoso, fault: forbidden, route: "/{scope}/providers/Microsoft.Authorization/roleAssignments"}
> import contoso
    contoso
      surely ours
        "Robin's <b>own</b>" 4e6db075-fa4e-45a4-b122-8f8b528008d9
          made by groupsync, as its unique name proves; one person of ours is in it
          - left out: not every role assignment here could be read
      foreign, never written: nothing
      a plan of the files does besides, with or without this
        * remove 1 member from Robin's <b>own</b>
      ? not read: the role assignments of subscription 22222222-2222-4000-8000-0000000000b1 (the role assignments of subscription 22222222-2222-4000-8000-0000000000b1: arm GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments answered 403 AuthorizationFailed: The client does not have authorization to perform the action over the…), which leaves out role assignments in this subscription
      ? not read: the role assignments of subscription 22222222-2222-4000-8000-0000000000b2 (the role assignments of subscription 22222222-2222-4000-8000-0000000000b2: arm GET /subscriptions/{id}/providers/Microsoft.Authorization/roleAssignments answered 403 AuthorizationFailed: The client does not have authorization to perform the action over the…), which leaves out role assignments in this subscription

    Import: 0 mappings to write at 0 of 1 customer, 1 left out.
    exit 1
> no faults
> import contoso
    contoso
      surely ours
        "Robin's <b>own</b>" 4e6db075-fa4e-45a4-b122-8f8b528008d9
          made by groupsync, as its unique name proves; one person of ours is in it
          + mapping contoso-contributors from the partner group contoso-contributors
          + Contributor on subscriptions/prod/resourceGroups/rg-app
      foreign, never written: 1 other holder

    customers/contoso/customer.yaml  changed

    Import: 1 mapping to write at 1 of 1 customer, 0 left out.
