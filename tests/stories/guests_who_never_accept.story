# Guests who never accept

A guest is a member of her groups from the first day, but cannot sign in before she has accepted the invitation. After fourteen days, or
what the policy says, everybody who has not is named: who, since when, and at which customers. Nothing more is read for it, and nobody is
removed for it.

> apply
    contoso  14 done
    northwind  8 done
    tailspin  8 done
    Applied: 30 done.
> show requests contoso
    2 × arm GET /subscriptions, answered 200
    4 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignments, answered 200
    2 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignmentsUsageMetrics, answered 200
    3 × arm GET /{scope}/providers/Microsoft.Authorization/roleDefinitions/{name}, answered 200
    4 × arm PUT /{scope}/providers/Microsoft.Authorization/roleAssignments/{name}, answered 201
    2 × graph GET /groups, answered 200
    1 × graph GET /groups/{id}/members, answered 200
    4 × graph PATCH /groups(uniqueName='{name}'), answered 201
    2 × graph PATCH /groups/{id}, answered 204
    3 × graph POST /$batch, answered 200
    1 × graph POST /groups/{id}/members/$ref, answered 204
    2 × graph POST /invitations, answered 201
    2 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    4 × login POST /{tenant}/oauth2/v2.0/token, answered 200
> wait until 2030-01-15 08:59:00Z
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
> show requests contoso
    1 × arm GET /subscriptions, answered 200
    2 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignments, answered 200
    1 × graph GET /groups, answered 200
    1 × graph POST /$batch, answered 200
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    2 × login POST /{tenant}/oauth2/v2.0/token, answered 200
> wait until 2030-01-16 09:00:00Z
> plan
    contoso  enforce
      * neverAccepted  ada@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here; the same at northwind
          hint: she opens the portal of this tenant once, or is taken out of the files
      * neverAccepted  grace@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    northwind  enforce
      * neverAccepted  ada@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here; the same at contoso
          hint: she opens the portal of this tenant once, or is taken out of the files
      * neverAccepted  barbara@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here; the same at tailspin
          hint: she opens the portal of this tenant once, or is taken out of the files

    tailspin  enforce
      * neverAccepted  barbara@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here; the same at northwind
          hint: she opens the portal of this tenant once, or is taken out of the files
      * neverAccepted  dennis@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    Plan: nothing to do at 3 customers, 6 worth knowing: the tenants hold what the files ask for.
    sha256:…
> show requests contoso
    1 × arm GET /subscriptions, answered 200
    2 × arm GET /{scope}/providers/Microsoft.Authorization/roleAssignments, answered 200
    1 × graph GET /groups, answered 200
    1 × graph POST /$batch, answered 200
    1 × login GET /{tenant}/v2.0/.well-known/openid-configuration, answered 200
    2 × login POST /{tenant}/oauth2/v2.0/token, answered 200

Ada accepts at Contoso, which says nothing about Northwind.

> at contoso accept ada@fabrikam.example
> plan contoso northwind
    contoso  enforce
      * neverAccepted  grace@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    northwind  enforce
      * neverAccepted  ada@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files
      * neverAccepted  barbara@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    Plan: nothing to do at 2 customers, 3 worth knowing: the tenants hold what the files ask for.
    sha256:…

The policy can be more patient.

> edit policy.yaml
      spec:
    +   pendingInvitations: {after: 30d}
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…

Whoever is taken out of the files goes like everybody else, accepted or not.

> edit groups/tailspin.yaml
    -     dennis@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000206
> apply
    tailspin  1 done
    Applied: 1 done.
> show tailspin
    groups
      Tailspin_Readers: barbara@fabrikam.example
      groupsync-0f1e2d3c-ledger: barbara@fabrikam.example, dennis@fabrikam.example
    guests
      barbara@fabrikam.example, not accepted yet
      dennis@fabrikam.example, not accepted yet
    roles
      Tailspin_Readers: Reader on subscriptions/main
