# A team that moves is held whole

Six of eight readers become contributors in one commit. That is more than a group may lose at once, so nothing of it happens, not
even the part below the limit: a half moved team is worse than one that waits for a second pair of eyes.

> file groups/contoso.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Contoso_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
        bela@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000211
        chidi@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000212
        dana@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000213
        emre@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000214
        femi@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000215
        gita@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000216
        hana@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000217
    ---
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Contoso_Contributors}
    spec:
      members:
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
> settle
> file groups/contoso.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Contoso_Readers}
    spec:
      members:
        ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201
        bela@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000211
    ---
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Contoso_Contributors}
    spec:
      members:
        chidi@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000212
        dana@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000213
        emre@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000214
        femi@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000215
        gita@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000216
        grace@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000202
        hana@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000217
> plan
    contoso  enforce  2 held
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        + chidi@fabrikam.example  held  · listed in Contoso_Contributors (groups/contoso.yaml:14)
        + dana@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:15)
        + emre@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:16)
        + femi@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:17)
        + gita@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:18)
        + hana@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:20)
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test  · no longer listed in Contoso_Readers, moves to Contoso_Contributors
        - chidi@fabrikam.example  held
        - dana@fabrikam.example  held
        - emre@fabrikam.example  held
        - femi@fabrikam.example  held
        - gita@fabrikam.example  held
        - hana@fabrikam.example  held
      ! held  groupMembers  6 of 8 members would leave Contoso_Readers; allowed are 4 (50 %, at least 3)
          counted 6, allowed 4, holds 2 operations
      ! held  customerMembers  6 of 9 memberships would be removed; allowed are 5 (25 %, at least 5)
          counted 6, allowed 5, holds 2 operations
          hint: if this is meant, release it with an Override document that names this customer's digest, or split the change
      ! held  sourceShrink  partner group Contoso_Readers would lose 6 of 8 memberships over all customers; allowed are 2 (30 %, at least 2)
          counted 6, allowed 2, holds 2 operations
          hint: if this is meant, release the customers with an Override document under overrides/, or split the change
          digest: sha256:…

    nothing to say about northwind, tailspin

    Plan: nothing is written at 3 customers, 2 held.
    sha256:…
    exit 3
> apply
    Applied: nothing. Left alone: 2 held.
    exit 3
> show writes
    none

A leaver does not wait with them.

> partner disable hana@fabrikam.example
> apply
    contoso  1 done
    Applied: 1 done. Left alone: 2 held.
    exit 3
> show writes
    contoso: 1 × member removed

Somebody else looks at the plan and releases it by its digest.

> plan contoso
    contoso  enforce  2 held
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        + chidi@fabrikam.example  held  · listed in Contoso_Contributors (groups/contoso.yaml:14)
        + dana@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:15)
        + emre@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:16)
        + femi@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:17)
        + gita@fabrikam.example  held   · listed in Contoso_Contributors (groups/contoso.yaml:18)
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test  · no longer listed in Contoso_Readers, moves to Contoso_Contributors
        - chidi@fabrikam.example  held
        - dana@fabrikam.example  held
        - emre@fabrikam.example  held
        - femi@fabrikam.example  held
        - gita@fabrikam.example  held
      ! held  groupMembers  5 of 7 members would leave Contoso_Readers; allowed are 3 (50 %, at least 3)
          counted 5, allowed 3, holds 2 operations
          hint: if this is meant, release it with an Override document that names this customer's digest, or split the change
      ! held  sourceShrink  partner group Contoso_Readers would lose 5 of 7 memberships over all customers; allowed are 2 (30 %, at least 2)
          counted 5, allowed 2, holds 2 operations
          hint: if this is meant, release the customers with an Override document under overrides/, or split the change
          digest: sha256:…

    Plan: nothing is written at 1 customer, 2 held.
    sha256:…
    exit 3
> file customers/contoso/overrides/2030-01-01.yaml
    apiVersion: groupsync.dev/v1
    kind: Override
    metadata: {name: 2030-01-01}
    spec: {digest: "{digest contoso}", expires: 2030-01-02T00:00:00Z, reason: team reorganisation}
> plan
    contoso  enforce  5 to add, 5 to remove
      Contoso_Contributors  gives Contributor on subscriptions/prod/resourceGroups/rg-app
        + chidi@fabrikam.example   · listed in Contoso_Contributors (groups/contoso.yaml:14)
        + dana@fabrikam.example    · listed in Contoso_Contributors (groups/contoso.yaml:15)
        + emre@fabrikam.example    · listed in Contoso_Contributors (groups/contoso.yaml:16)
        + femi@fabrikam.example    · listed in Contoso_Contributors (groups/contoso.yaml:17)
        + gita@fabrikam.example    · listed in Contoso_Contributors (groups/contoso.yaml:18)
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test  · no longer listed in Contoso_Readers, moves to Contoso_Contributors
        - chidi@fabrikam.example
        - dana@fabrikam.example
        - emre@fabrikam.example
        - femi@fabrikam.example
        - gita@fabrikam.example
      * released  override 2030-01-01 (customers/contoso/overrides/2030-01-01.yaml:1) releases this plan until 2030-01-02T00:00:00Z: team reorganisation (1 hold lifted)

    nothing to say about northwind, tailspin

    Plan: 5 to add, 0 to change, 5 to remove at 1 of 3 customers, 1 worth knowing.
    Forecast: 2 requests, less than 1 s under the quotas (Graph 2 requests, 6 units, 7 writes).
    sha256:…
> apply
    contoso  2 done
    Applied: 2 done.
> show members contoso Contoso_Readers
    ada@fabrikam.example
    bela@fabrikam.example
> show members contoso Contoso_Contributors
    chidi@fabrikam.example
    dana@fabrikam.example
    emre@fabrikam.example
    femi@fabrikam.example
    gita@fabrikam.example
    grace@fabrikam.example
