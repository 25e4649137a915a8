# The customer takes a role away that we gave

Somebody at Contoso deletes one of our role assignments. That may be a mistake, or may be meant: with a journal groupsync
remembers that it made it, holds what would make it again, and asks. Without a journal it is a missing role like any other.

> keep a journal
> settle
> at contoso unassign Owner on prod from Contoso_BreakGlass
> wait 20m
> plan contoso
    contoso  enforce  1 held
      Contoso_BreakGlass
        + Owner on subscriptions/prod  held  · declared (customers/contoso/customer.yaml:18)
      ! held  contested  we made Owner on subscriptions/prod for Contoso_BreakGlass and somebody else removed it
          holds 1 operation
          hint: ask the customer, whose activity log in Azure says who did it; `reassert: true` on the mapping (customers/contoso/customer.yaml:16) makes it again

    Plan: nothing is written at 1 customer, 1 held.
    sha256:…
    exit 3
> apply
    Applied: nothing. Left alone: 1 held.
    exit 3
> show writes
    none

A new process remembers it too.

> begin a new process
> plan contoso
    contoso  enforce  1 held
      Contoso_BreakGlass
        + Owner on subscriptions/prod  held  · declared (customers/contoso/customer.yaml:18)
      ! held  contested  we made Owner on subscriptions/prod for Contoso_BreakGlass and somebody else removed it
          holds 1 operation
          hint: ask the customer, whose activity log in Azure says who did it; `reassert: true` on the mapping (customers/contoso/customer.yaml:16) makes it again

    Plan: nothing is written at 1 customer, 1 held.
    sha256:…
    exit 3

They talk, it was a mistake: `reassert: true` stands beside the mapping until the role is back.

> edit customers/contoso/customer.yaml
        Contoso_BreakGlass:
    +     reassert: true
          from: none
> apply
    contoso  1 done
    Applied: 1 done.
> show writes
    contoso: 1 × role given
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
