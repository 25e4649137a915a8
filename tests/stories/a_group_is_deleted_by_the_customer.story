# The customer deletes a group of ours

Contoso's administrators clean up and delete a group. Made anew, it would be another group: its roles would have to be given
again, and whatever else refers to it stays broken. So groupsync holds, says that the original can still be restored, and
makes no other unless told to.

> keep a journal
> settle
> at contoso delete-group Contoso_Contributors
> wait 20m
> plan contoso
    contoso  enforce  3 held
      Contoso_Contributors  new group, held (customers/contoso/customer.yaml:14)
        + grace@fabrikam.example  held                                   · listed in Contoso_Contributors (groups/contoso.yaml:14)
        + Contributor on subscriptions/prod/resourceGroups/rg-app  held  · declared (customers/contoso/customer.yaml:15)
      ! held  contested  we made the group of Contoso_Contributors and somebody else deleted it
          holds 3 operations
          hint: ask the customer to restore it from the deleted items (4e6db075-fa4e-45a4-b122-8f8b528008d9): members and roles come back; `reassert: true` on the mapping (customers/contoso/customer.yaml:14) makes it again

    Plan: nothing is written at 1 customer, 3 held.
    sha256:…
    exit 3
> apply
    Applied: nothing. Left alone: 3 held.
    exit 3
> show writes
    none

They restore it from the deleted items. Its members and roles are those it had.

> at contoso restore-group Contoso_Contributors
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…

Later they delete it again, and agree that a new one is made.

> at contoso delete-group Contoso_Contributors
> wait 20m
> edit customers/contoso/customer.yaml
      groups:
        Contoso_Contributors:
    +     reassert: true
          roles: {Contributor: subscriptions/prod/resourceGroups/rg-app}
> apply
    contoso  4 done
    Applied: 4 done.
> show members contoso Contoso_Contributors
    grace@fabrikam.example
> settle
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
