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
    wingtip  observe  accessLost  1 unclear
      ? not read  consentMissing  this tenant: signing in: login POST /{tenant}/oauth2/v2.0/token answered 400 unauthorized_client: AADSTS700016: Application with identifier '0000c11e-0000-4000-8000-000000000000' was not found in the directory '55555555-5555-4000-8000-000000000001'. This can happen if the application has not been installed by the administrator of the…
          leaves undecided: everything here
          hint: an administrator of the customer consents to our application again

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1

It consents. What would happen is listed, for the pull request and for whoever looks.

> at wingtip consent-to lifecycle
> plan wingtip
    wingtip  observe  8 only listed
      observe: listed, nothing is written
      Wingtip_Readers  new group (templates/managed-azure.yaml:6)
        + ada@fabrikam.example           · listed in Wingtip_Readers (groups/wingtip.yaml:6)
        + barbara@fabrikam.example       · listed in Wingtip_Readers (groups/wingtip.yaml:7)
        + Reader on subscriptions/prod   · declared (templates/managed-azure.yaml:7)
      guests
        + invite ada@fabrikam.example
        + invite barbara@fabrikam.example
      ledger: created, 2 entries written

    Plan: nothing to do at 1 customer, 8 only listed.
    sha256:…
> comment
    ### groupsync plan: nothing is written at 4 customers, 8 differences only listed

    | | |
    |---|---|
    | Customers changed | 0 of 4 |
    | Only listed | 8 operations |

    <details><summary>Only listed because of the customer's state, nothing of it is written (1)</summary>

    - **+** `Reader` on `subscriptions/prod` for `Wingtip_Readers` (new group) at `wingtip`: 2 people, `ada@fabrikam.example`, `barbara@fabrikam.example`

    </details>

    Planned 2030-01-01 09:00:04Z for 4 customers.
    `sha256:…`
> explain ada@fabrikam.example wingtip
    ada@fabrikam.example at wingtip: has no access through groupsync
      Ada · partner object 0f1e2d3c-1111-4000-8000-000000000201 · account enabled · in none of our groups here · customer observe
      Wingtip_Readers  mapped at templates/managed-azure.yaml:6
        ○ not in the group: belongs in it
        via listed in Wingtip_Readers (groups/wingtip.yaml:6)
        gives Reader on subscriptions/prod: not in force (templates/managed-azure.yaml:7)
      in Contoso_Readers, Northwind_Readers, which wingtip does not map
      → invite ada@fabrikam.example  only listed, the customer is in observe
      → write ada@fabrikam.example into the ledger  only listed, the customer is in observe
      → add 1 member to Wingtip_Readers  only listed, the customer is in observe
> apply
    Applied: nothing to do.
> show writes
    none
> edit customers/wingtip/customer.yaml
    -   state: observe
    +   state: enforce
> plan wingtip
    wingtip  enforce  7 to add
      Wingtip_Readers  new group (templates/managed-azure.yaml:6)
        + ada@fabrikam.example           · listed in Wingtip_Readers (groups/wingtip.yaml:6)
        + barbara@fabrikam.example       · listed in Wingtip_Readers (groups/wingtip.yaml:7)
        + Reader on subscriptions/prod   · declared (templates/managed-azure.yaml:7)
      guests
        + invite ada@fabrikam.example
        + invite barbara@fabrikam.example
      ledger: created, 2 entries written

    Plan: 7 to add, 0 to change, 0 to remove at 1 of 1 customer.
    Forecast: 9 requests, 2 s under the quotas (Graph 8 requests, 10 units, 6 writes; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    wingtip  8 done
    Applied: 8 done.
> show wingtip
    groups
      Wingtip_Readers: ada@fabrikam.example, barbara@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, barbara@fabrikam.example
    guests
      ada@fabrikam.example, not accepted yet
      barbara@fabrikam.example, not accepted yet
    roles
      Wingtip_Readers: Reader on subscriptions/prod
> plan wingtip
    nothing to say about wingtip

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
