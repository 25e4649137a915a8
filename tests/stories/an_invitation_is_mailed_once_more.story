# An invitation is mailed once more

Invitations get lost. Where the policy says so, whoever has not accepted after fourteen days gets Microsoft's mail once more: once, because the
journal remembers it, and only while the files still ask for her. Who has not accepted fourteen days after that either is listed for removal.
Nobody is removed for it: that is for a person to decide, in the files.

> edit policy.yaml
      spec:
    +   pendingInvitations: {do: mailOnce}
> keep a journal
> apply
    contoso  14 done
    northwind  8 done
    tailspin  8 done
    Applied: 30 done.
> at contoso accept grace@fabrikam.example
> at northwind accept ada@fabrikam.example
> at northwind accept barbara@fabrikam.example
> at tailspin accept barbara@fabrikam.example
> show writes
    contoso: 4 × group created
    contoso: 2 × guest invited
    contoso: 5 × member added
    contoso: 4 × owner added
    contoso: 4 × role given
    northwind: 2 × group created
    northwind: 2 × guest invited
    northwind: 4 × member added
    northwind: 2 × owner added
    northwind: 1 × role given
    tailspin: 2 × group created
    tailspin: 2 × guest invited
    tailspin: 4 × member added
    tailspin: 2 × owner added
    tailspin: 1 × role given
> wait until 2030-01-16 09:00:00Z
> edit groups/tailspin.yaml
    -     dennis@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000206
> plan
    contoso  enforce  1 to change
      guests
        ~ mail the invitation again to ada@fabrikam.example  Microsoft mails them
      * neverAccepted  ada@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    tailspin  enforce  1 to remove
      Tailspin_Readers  gives Reader on subscriptions/main
        - dennis@fabrikam.example   · no longer listed in Tailspin_Readers
      * neverAccepted  dennis@fabrikam.example: invited on 2030-01-01, 15 days ago, and has not accepted: she cannot sign in here
          hint: she opens the portal of this tenant once, or is taken out of the files

    nothing to say about northwind

    Plan: 0 to add, 1 to change, 1 to remove at 2 of 3 customers, 2 worth knowing.
    Forecast: 2 requests, less than 1 s under the quotas (Graph 2 requests, 2 units, 2 writes).
    sha256:…
> apply
    contoso  1 done
    tailspin  1 done
    Applied: 2 done.
> show writes
    contoso: 1 × guest invited again
    contoso: 1 × invitation mailed
    tailspin: 1 × member removed

Another process knows that it was done.

> begin a new process
> plan contoso
    nothing to say about contoso

    Plan: nothing to do at 1 customer: the tenants hold what the files ask for.
    sha256:…
> wait until 2030-01-31 09:00:00Z
> plan contoso
    contoso  enforce
      * neverAccepted  ada@fabrikam.example: invited on 2030-01-01, 30 days ago and once more on 2030-01-16, and has not accepted: she cannot sign in here
          hint: take her out of the files: a third mail would be no use either

    Plan: nothing to do at 1 customer, 1 worth knowing: the tenants hold what the files ask for.
    sha256:…

