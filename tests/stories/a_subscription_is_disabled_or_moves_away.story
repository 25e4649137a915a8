# A subscription is disabled or moves away

A subscription that does not answer as it used to is set aside and named. It never looks like one whose roles are all missing, and its
neighbours are served as always.

> settle

Contoso does not pay for its test subscription. Nothing can be given there meanwhile, only taken.

> at contoso disable-subscription test
> edit customers/contoso/customer.yaml
      groups:
    +   Contoso_Auditors:
    +     from: Contoso_Readers
    +     roles: {Reader: subscriptions/*}
> plan contoso
    contoso  enforce  4 to add
      Contoso_Auditors  new group (customers/contoso/customer.yaml:14)
        + ada@fabrikam.example           · listed in Contoso_Readers (groups/contoso.yaml:6)
        + grace@fabrikam.example         · listed in Contoso_Readers (groups/contoso.yaml:7)
        + Reader on subscriptions/prod   · declared (customers/contoso/customer.yaml:16)
      * subscriptionDisabled  subscription test (22222222-2222-4000-8000-0000000000b2): disabled: role assignments can be removed here, not made

    Plan: 4 to add, 0 to change, 0 to remove at 1 of 1 customer, 1 worth knowing.
    Forecast: 3 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    contoso  3 done
    Applied: 3 done.

It is paid for again.

> at contoso enable-subscription test
> plan contoso
    contoso  enforce  1 to add
      Contoso_Auditors  gives Reader on subscriptions/prod
        + Reader on subscriptions/test   · declared (customers/contoso/customer.yaml:16)

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 1 customer.
    Forecast: 1 request, less than 1 s under the quotas (Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.

Then it moves to another tenant, and takes none of its roles along.

> at contoso move-subscription test to 99999999-9999-4000-8000-000000000009
> plan contoso
    contoso  enforce  1 unclear
      ? in doubt  subscriptionMissing  subscription test (22222222-2222-4000-8000-0000000000b2): customers/contoso/customer.yaml:11: this tenant shows no such subscription to us: it was moved or closed, or our role there was taken away
          leaves undecided: role assignments in this subscription

    Plan: nothing to do at 1 customer, 1 unclear.
    sha256:…
    exit 1
> apply
    Applied: nothing. Left alone: 1 unclear.
    exit 1
> show contoso
    groups
      Contoso_Auditors: ada@fabrikam.example, grace@fabrikam.example
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_Auditors: Reader on subscriptions/prod
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
