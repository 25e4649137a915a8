# A new colleague joins a group that is read live

The night shift is a group of Fabrikam's own tenant, kept by HR, and works for Contoso and Northwind. Whoever HR puts into it is
in at both customers with the next run; nobody edits a file.

> file groups/night-shift.yaml
    apiVersion: groupsync.dev/v1
    kind: PartnerGroup
    metadata: {name: Night_Shift}
    spec:
      entraGroup: 0f1e2d3c-1111-4000-8000-000000000101
> edit customers/contoso/customer.yaml
      groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/prod}
> edit customers/northwind/customer.yaml
      templates: [managed-azure]
    + groups:
    +   Night_Shift:
    +     roles: {Reader: subscriptions/main}
> settle
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    luca.night-shift@fabrikam.example
> partner add hedy@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000207
> partner join Night_Shift hedy@fabrikam.example
> plan
    contoso  enforce  2 to add
      Night_Shift  gives Reader on subscriptions/prod
        + hedy@fabrikam.example   · in the partner's group Night_Shift (groups/night-shift.yaml:5)
      guests
        + invite hedy@fabrikam.example
      ledger: 1 entry written

    northwind  enforce  2 to add
      Night_Shift  gives Reader on subscriptions/main
        + hedy@fabrikam.example   · in the partner's group Night_Shift (groups/night-shift.yaml:5)
      guests
        + invite hedy@fabrikam.example
      ledger: 1 entry written

    nothing to say about tailspin

    Plan: 4 to add, 0 to change, 0 to remove at 2 of 3 customers.
    Forecast: 10 requests, 2 s under the quotas (Graph 10 requests, 12 units, 6 writes).
    sha256:…
> apply
    contoso  3 done
    northwind  3 done
    Applied: 6 done.
> show members contoso Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    hedy@fabrikam.example
    luca.night-shift@fabrikam.example
> show members northwind Night_Shift
    alva.night-shift@fabrikam.example
    bela.night-shift@fabrikam.example
    hedy@fabrikam.example
    luca.night-shift@fabrikam.example
