# A subscription nobody declared

Contoso buys another subscription. The template gives `subscriptions/*` to the readers, but only subscriptions in the files count:
what nobody reviewed is reported, not served.

> settle
> at contoso add-subscription staging 22222222-2222-4000-8000-0000000000b3
> plan
    contoso  enforce
      * undeclaredSubscription  subscription "staging" (22222222-2222-4000-8000-0000000000b3): in no file, so `subscriptions/*` doesn't cover it
          hint: name it under `subscriptions` of the customer if it should be managed

    nothing to say about northwind, tailspin

    Plan: nothing to do at 3 customers, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…
> apply
    Applied: nothing to do.
> show writes
    none

Two words in the file, and it is served.

> edit customers/contoso/customer.yaml
        test: 22222222-2222-4000-8000-0000000000b2
    +   staging: 22222222-2222-4000-8000-0000000000b3
> plan
    contoso  enforce  1 to add
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        + Reader on subscriptions/staging   · declared (templates/managed-azure.yaml:7)

    nothing to say about northwind, tailspin

    Plan: 1 to add, 0 to change, 0 to remove at 1 of 3 customers.
    Forecast: 1 request, less than 1 s under the quotas (Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    contoso  1 done
    Applied: 1 done.
> plan
    nothing to say about contoso, northwind, tailspin

    Plan: nothing to do at 3 customers: the tenants hold what the files ask for.
    sha256:…
