# A customer comes with groups of its own

Wingtip becomes a customer. Its administrators gave Fabrikam's people access by hand, long before: guests in groups that hold roles.
All that the files have to say at first is the tenant, and that nothing is written there. What stands there is imported and reviewed.

> file customers/wingtip/customer.yaml
    # The contract began with the year.
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: wingtip}
    spec:
      tenantId: 55555555-5555-4000-8000-000000000001
      verifyDomain: wingtip.example
      nameInGroups: Wingtip
      state: observe   # until everybody has looked
> settle
> at wingtip add-subscription Production 55555555-5555-4000-8000-0000000000b1
> give-roles to us at wingtip
> at wingtip add-guest ada@fabrikam.example
> at wingtip add-guest grace@fabrikam.example
> at wingtip add-guest linus@elsewhere.example
> at wingtip add-group "Azure Admins" ada@fabrikam.example grace@fabrikam.example robin@wingtip.example
> at wingtip assign Contributor on Production to "Azure Admins"
> at wingtip assign Owner on Production to "Azure Admins"
> at wingtip add-group "Fabrikam Staff" linus@elsewhere.example robin@wingtip.example
> at wingtip assign Reader on Production to "Fabrikam Staff"
> at wingtip add-group Chess ada@fabrikam.example
> plan wingtip
    wingtip  observe
      * undeclaredSubscription  subscription "Production" (55555555-5555-4000-8000-0000000000b1): in no file, so `subscriptions/*` doesn't cover it
          hint: name it under `subscriptions` of the customer if it should be managed

    Plan: nothing to do at 1 customer, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
> import wingtip
    wingtip
      + subscription production, called "Production" there (55555555-5555-4000-8000-0000000000b1)
      probably meant
        "Azure Admins" 9b8f13c3-24b0-53ce-9150-5ed51902bc54
          holds roles; 2 people of ours are in it, 1 member of the customer's own
          + mapping Azure Admins from a new partner group Wingtip_Azure Admins, adopts it
          + ada@fabrikam.example, grace@fabrikam.example
          + Contributor on subscriptions/production
          * Owner on subscriptions/production stays out of the files: privileged, and only memberships that end may have such a role
      foreign, never written: 1 group with roles ("Fabrikam Staff"), 1 other holder
      without a role, never written: name one under `adopt` of a mapping to take it over
        * "Chess" 61d449ca-77b0-522a-b606-065d879d0c6b with ada@fabrikam.example

    customers/wingtip/customer.yaml  changed
    groups/imported/wingtip.yaml  new

    Import: 1 mapping to write at 1 of 1 customer, 0 left out.

A group is not ours for being called so. One without a role is named, and never written: only a person knows what it is for. What is
proposed says why, and waits for a reviewer: a role that lets its holders give access away stays out of the files, and is named.

> import --merge wingtip
    wingtip
      + subscription production, called "Production" there (55555555-5555-4000-8000-0000000000b1)
      probably meant
        "Azure Admins" 9b8f13c3-24b0-53ce-9150-5ed51902bc54
          holds roles; 2 people of ours are in it, 1 member of the customer's own
          + mapping Azure Admins from a new partner group Wingtip_Azure Admins, adopts it
          + ada@fabrikam.example, grace@fabrikam.example
          + Contributor on subscriptions/production
          * Owner on subscriptions/production stays out of the files: privileged, and only memberships that end may have such a role
      foreign, never written: 1 group with roles ("Fabrikam Staff"), 1 other holder
      without a role, never written: name one under `adopt` of a mapping to take it over
        * "Chess" 61d449ca-77b0-522a-b606-065d879d0c6b with ada@fabrikam.example

    customers/wingtip/customer.yaml  changed
    groups/imported/wingtip.yaml  new

    Import: 1 mapping to write at 1 of 1 customer, 0 left out.
> show file customers/wingtip/customer.yaml
    # The contract began with the year.
    apiVersion: groupsync.dev/v1
    kind: Customer
    metadata: {name: wingtip}
    spec:
      tenantId: 55555555-5555-4000-8000-000000000001
      verifyDomain: wingtip.example
      nameInGroups: Wingtip
      state: observe   # until everybody has looked
      subscriptions:
        production: 55555555-5555-4000-8000-0000000000b1   # called "Production" there
      groups:
        # Probably meant: the group "Azure Admins" holds roles, and 2 people of ours are in it, each proven by a guest. Is it to be kept?
        # It also has Owner on subscriptions/production, which is not declared: privileged, and only memberships that end may have such a role.
        Azure Admins:
          from: Wingtip_Azure Admins
          adopt: 9b8f13c3-24b0-53ce-9150-5ed51902bc54
          roles:
            Contributor: subscriptions/production
> show file groups/imported/wingtip.yaml
    # Written by `groupsync import`: who stands in the group "Azure Admins" (9b8f13c3-24b0-53ce-9150-5ed51902bc54) at wingtip.
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Wingtip_Azure Admins}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> validate
    no problems
> plan wingtip
    wingtip  observe  2 only listed
      observe: listed, nothing is written
      Azure Admins  taken over (customers/wingtip/customer.yaml:15)  gives Contributor on subscriptions/production
      ledger: created, 1 entry written
      * unclaimedGuest  ada@fabrikam.example: guest b7a24739-cbe2-52e7-95f4-4002a623d6de was not invited by us as far as the ledger knows: it is used and never deleted
      * unclaimedGuest  grace@fabrikam.example: guest 3e960718-14c5-5c3c-b7eb-2328deeed71f was not invited by us as far as the ledger knows: it is used and never deleted
      * extraPrivilegedRole  whoever is in Azure Admins has Owner on subscriptions/production, too, which was not given by us (role assignment 2d0c196a-e5d5-5f87-bfe2-694b3223bac8)
          hint: ask the customer to take it from the group; a role that can grant roles is never removed as drift
      * satisfiedByOther  Contributor on subscriptions/production for Azure Admins: somebody else's role assignment d837ba91-301c-53c1-ab92-72c1f78a9ca7 gives this: it satisfies the files and is never removed

    Plan: nothing to do at 1 customer, 2 only listed, 4 worth knowing.
    sha256:…

The pull request shows what would happen. Once the state says so, it does.

> edit customers/wingtip/customer.yaml
    - state: observe   # until everybody has looked
    + state: enforce
> plan wingtip
    wingtip  enforce  1 to add
      Azure Admins  taken over (customers/wingtip/customer.yaml:15)  gives Contributor on subscriptions/production
      ledger: created, 1 entry written
      * unclaimedGuest  ada@fabrikam.example: guest b7a24739-cbe2-52e7-95f4-4002a623d6de was not invited by us as far as the ledger knows: it is used and never deleted
      * unclaimedGuest  grace@fabrikam.example: guest 3e960718-14c5-5c3c-b7eb-2328deeed71f was not invited by us as far as the ledger knows: it is used and never deleted
      * extraPrivilegedRole  whoever is in Azure Admins has Owner on subscriptions/production, too, which was not given by us (role assignment 2d0c196a-e5d5-5f87-bfe2-694b3223bac8)
          hint: ask the customer to take it from the group; a role that can grant roles is never removed as drift
      * satisfiedByOther  Contributor on subscriptions/production for Azure Admins: somebody else's role assignment d837ba91-301c-53c1-ab92-72c1f78a9ca7 gives this: it satisfies the files and is never removed

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 1 customer, 4 worth knowing.
    Forecast: 3 requests, 2 s under the quotas (Graph 3 requests, 4 units, 2 writes).
    sha256:…
> apply
    wingtip  2 done
    Applied: 2 done.
> show log
    09:00:04  wingtip: group created
    09:00:04  wingtip: owner added
    09:00:04  wingtip: member added
> show wingtip
    groups
      Azure Admins: ada@fabrikam.example, grace@fabrikam.example, robin@wingtip.example
      Chess: ada@fabrikam.example
      Fabrikam Staff: linus@elsewhere.example, robin@wingtip.example
      groupsync-0f1e2d3c-ledger: group Azure Admins
    guests
      ada@fabrikam.example
      grace@fabrikam.example
      linus@elsewhere.example
    roles
      Azure Admins: Contributor on subscriptions/Production
      Azure Admins: Owner on subscriptions/Production
      Fabrikam Staff: Reader on subscriptions/Production
> import wingtip
    wingtip
      foreign, never written: 1 group with roles ("Fabrikam Staff"), 1 other holder
      without a role, never written: name one under `adopt` of a mapping to take it over
        * "Chess" 61d449ca-77b0-522a-b606-065d879d0c6b with ada@fabrikam.example

    Import: 0 mappings to write at 0 of 1 customer, 0 left out.
> plan wingtip
    wingtip  enforce
      * unclaimedGuest  ada@fabrikam.example: guest b7a24739-cbe2-52e7-95f4-4002a623d6de was not invited by us as far as the ledger knows: it is used and never deleted
      * unclaimedGuest  grace@fabrikam.example: guest 3e960718-14c5-5c3c-b7eb-2328deeed71f was not invited by us as far as the ledger knows: it is used and never deleted
      * extraPrivilegedRole  whoever is in Azure Admins has Owner on subscriptions/production, too, which was not given by us (role assignment 2d0c196a-e5d5-5f87-bfe2-694b3223bac8)
          hint: ask the customer to take it from the group; a role that can grant roles is never removed as drift
      * satisfiedByOther  Contributor on subscriptions/production for Azure Admins: somebody else's role assignment d837ba91-301c-53c1-ab92-72c1f78a9ca7 gives this: it satisfies the files and is never removed

    Plan: nothing to do at 1 customer, 4 worth knowing: the tenants hold what the files ask for.
    sha256:…
