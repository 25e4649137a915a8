# The customer edits our groups

Contoso's administrators put people into the groups, give them roles and take some away. What concerns Fabrikam's staff is put right;
the customer's own people and roles are theirs, and are only reported.

> settle
> at contoso add-guest dennis@fabrikam.example
> at contoso add-member Contoso_Readers dennis@fabrikam.example robin@contoso.example
> at contoso remove-member Contoso_Readers ada@fabrikam.example
> at contoso assign Contributor on test to Contoso_Readers
> at contoso unassign Reader on prod from Contoso_Readers
> at contoso rename-group Contoso_BreakGlass "Fabrikam emergency"
> plan contoso
    contoso  enforce  2 to add, 1 to change, 1 to remove
      Contoso_BreakGlass
        ~ named Contoso_BreakGlass instead of Fabrikam emergency   · declared as Contoso_BreakGlass (customers/contoso/customer.yaml:16)
      Contoso_Readers  gives Reader on subscriptions/test
        - dennis@fabrikam.example        · staff whom nobody declared here
        + ada@fabrikam.example           · listed in Contoso_Readers (groups/contoso.yaml:6)
        + Reader on subscriptions/prod   · declared (templates/managed-azure.yaml:7)
      * foreignMember  robin@contoso.example: in Contoso_Readers and not staff (object e5616dcf-63d0-58f8-b2c7-147552f397c0)
          hint: ask the customer to take the member out, or set drift.foreignMembers to remove
      * extraAssignment  Contoso_Readers: Contributor on subscriptions/test was not given by us (role assignment da8d04a9-2788-576e-95f0-61a93dd98f1b)
          hint: ask the customer, or set drift.extraAssignments to remove

    Plan: 2 to add, 1 to change, 1 to remove at 1 of 1 customer, 2 worth knowing.
    Forecast: 4 requests, less than 1 s under the quotas (Graph 3 requests, 3 units, 3 writes; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
> apply
    contoso  4 done
    Applied: 4 done.
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, grace@fabrikam.example, robin@contoso.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      dennis@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Contributor on subscriptions/test
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
> plan contoso
    contoso  enforce
      * foreignMember  robin@contoso.example: in Contoso_Readers and not staff (object e5616dcf-63d0-58f8-b2c7-147552f397c0)
          hint: ask the customer to take the member out, or set drift.foreignMembers to remove
      * extraAssignment  Contoso_Readers: Contributor on subscriptions/test was not given by us (role assignment da8d04a9-2788-576e-95f0-61a93dd98f1b)
          hint: ask the customer, or set drift.extraAssignments to remove

    Plan: nothing to do at 1 customer, 2 worth knowing: the tenants hold what the files ask for.
    sha256:…

With other rules the foreign member and the extra role go as well, and stray staff waits for somebody to decide.

> edit customers/contoso/customer.yaml
      state: enforce
    + drift: {foreignMembers: remove, extraAssignments: remove, strayStaff: hold}
> at contoso add-member Contoso_Readers dennis@fabrikam.example
> plan contoso
    contoso  enforce  2 to remove, 1 held
      Contoso_Readers  gives Reader on subscriptions/prod, Reader on subscriptions/test
        - dennis@fabrikam.example  held       · staff whom nobody declared here
        - robin@contoso.example               · not staff
        - Contributor on subscriptions/test   · not given by us
      ! held  strayStaff  staff whom nobody declared stand in Contoso_Readers: dennis@fabrikam.example
          counted 1, allowed 0, holds 1 operation
          hint: declare them, or set drift.strayStaff to remove

    Plan: 0 to add, 0 to change, 2 to remove at 1 of 1 customer, 1 held.
    Forecast: 2 requests, less than 1 s under the quotas (Graph 1 request, 1 unit, 1 write; Azure 1 request, 1 write, all to Microsoft.Authorization).
    sha256:…
    exit 3
> apply
    contoso  2 done
    Applied: 2 done. Left alone: 1 held.
    exit 3
> show contoso
    groups
      Contoso_BreakGlass: nobody
      Contoso_Contributors: grace@fabrikam.example
      Contoso_Readers: ada@fabrikam.example, dennis@fabrikam.example, grace@fabrikam.example
      groupsync-0f1e2d3c-ledger: ada@fabrikam.example, grace@fabrikam.example
    guests
      ada@fabrikam.example
      dennis@fabrikam.example
      grace@fabrikam.example
    roles
      Contoso_BreakGlass: Owner on subscriptions/prod
      Contoso_Contributors: Contributor on subscriptions/prod/resourcegroups/rg-app
      Contoso_Readers: Reader on subscriptions/prod
      Contoso_Readers: Reader on subscriptions/test
