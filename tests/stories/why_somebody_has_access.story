# Why somebody has access

An auditor asks why Grace can read Contoso's subscriptions, and why Ada cannot do there what she could do yesterday. Every answer
ends in a file and a line, or in what could not be read.

> settle
> explain grace@fabrikam.example contoso
    grace@fabrikam.example at contoso: has access
      Grace · partner object 0f1e2d3c-1111-4000-8000-000000000202 · account enabled · guest e4bf391c-eb3f-4ca4-bbaa-ffa73faaecc4 · customer enforce
      Contoso_Contributors  mapped at customers/contoso/customer.yaml:14
        ● in the group: belongs in it
        via listed in Contoso_Contributors (groups/contoso.yaml:14)
        gives Contributor on subscriptions/prod/resourceGroups/rg-app: in force (customers/contoso/customer.yaml:15)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ● in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:7)
        gives Reader on subscriptions/prod: in force (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: in force (templates/managed-azure.yaml:7)

Ada gets emergency access for two hours.

> file customers/contoso/grants/inc-4711.yaml
    apiVersion: groupsync.dev/v1
    kind: Grant
    metadata: {name: inc-4711}
    spec:
      group: Contoso_BreakGlass
      person: {ada@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000201}
      notBefore: 2030-01-01T10:00:00Z
      expires: 2030-01-01T12:00:00Z
      reason: restore of the recovery vault
      ticket: INC-4711
> explain ada@fabrikam.example contoso
    ada@fabrikam.example at contoso: has access
      Ada · partner object 0f1e2d3c-1111-4000-8000-000000000201 · account enabled · guest 9d0c3874-c9bb-4e39-96d7-1f804d0b7c60 · customer enforce
      Contoso_BreakGlass  mapped at customers/contoso/customer.yaml:16
        ○ not in the group: nothing asks for it now
        via grant inc-4711, from 2030-01-01 10:00Z until 2030-01-01 12:00Z, begins in 60 min: restore of the recovery vault (INC-4711) (customers/contoso/grants/inc-4711.yaml:1)
        gives Owner on subscriptions/prod: the group has it (customers/contoso/customer.yaml:18)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ● in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:6)
        gives Reader on subscriptions/prod: in force (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: in force (templates/managed-azure.yaml:7)
      in Northwind_Readers, which contoso does not map
      * grantAhead  ada@fabrikam.example gets into Contoso_BreakGlass from 2030-01-01T10:00:00Z until 2030-01-01T12:00:00Z, which gives Owner on subscriptions/prod; grant inc-4711: restore of the recovery vault (INC-4711)
> wait until 2030-01-01 11:00:00Z
> apply
    contoso  1 done
    Applied: 1 done.
> explain 0f1e2d3c-1111-4000-8000-000000000201 contoso
    ada@fabrikam.example at contoso: has access
      Ada · partner object 0f1e2d3c-1111-4000-8000-000000000201 · account enabled · guest 9d0c3874-c9bb-4e39-96d7-1f804d0b7c60 · customer enforce
      Contoso_BreakGlass  mapped at customers/contoso/customer.yaml:16
        ● in the group: belongs in it until 2030-01-01 12:00Z, 60 min from now
        via grant inc-4711, until 2030-01-01 12:00Z, in 60 min: restore of the recovery vault (INC-4711) (customers/contoso/grants/inc-4711.yaml:1)
        gives Owner on subscriptions/prod: in force (customers/contoso/customer.yaml:18)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ● in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:6)
        gives Reader on subscriptions/prod: in force (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: in force (templates/managed-azure.yaml:7)
      in Northwind_Readers, which contoso does not map
> wait until 2030-01-01 13:00:00Z
> apply
    contoso  1 done
    Applied: 1 done.
> explain ada@fabrikam.example contoso
    ada@fabrikam.example at contoso: has access
      Ada · partner object 0f1e2d3c-1111-4000-8000-000000000201 · account enabled · guest 9d0c3874-c9bb-4e39-96d7-1f804d0b7c60 · customer enforce
      Contoso_BreakGlass  mapped at customers/contoso/customer.yaml:16
        ○ not in the group: grant inc-4711 ended at 2030-01-01T12:00:00Z
        via grant inc-4711, over since 2030-01-01 12:00Z: restore of the recovery vault (INC-4711) (customers/contoso/grants/inc-4711.yaml:1)
        gives Owner on subscriptions/prod: the group has it (customers/contoso/customer.yaml:18)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ● in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:6)
        gives Reader on subscriptions/prod: in force (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: in force (templates/managed-azure.yaml:7)
      in Northwind_Readers, which contoso does not map

Linus starts today. That he will come in depends on the other customers too: too many invitations at once would be held.

> partner add linus@fabrikam.example 0f1e2d3c-1111-4000-8000-000000000203
> edit groups/contoso.yaml
      metadata: {name: Contoso_Readers}
      spec:
        members:
    +     linus@fabrikam.example: 0f1e2d3c-1111-4000-8000-000000000203
> explain linus@fabrikam.example contoso
    linus@fabrikam.example at contoso: has no access through groupsync
      Linus · partner object 0f1e2d3c-1111-4000-8000-000000000203 · account enabled · in none of our groups here · customer enforce
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ○ not in the group: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:6)
        gives Reader on subscriptions/prod: the group has it (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: the group has it (templates/managed-azure.yaml:7)
      → invite linus@fabrikam.example  next apply, unless a limit over all customers or a shrinking source holds it: only a whole `groupsync plan` judges that
      → write linus@fabrikam.example into the ledger  next apply, unless a limit over all customers or a shrinking source holds it: only a whole `groupsync plan` judges that
      → add 1 member to Contoso_Readers  next apply, unless a limit over all customers or a shrinking source holds it: only a whole `groupsync plan` judges that

Somebody of whom no file knows, and a customer that does not answer.

> explain eve@else.example contoso
    eve@else.example at contoso: has no access through groupsync
      nobody of the partner whom the files or the tenant know · in none of our groups here · customer enforce
      no mapping and no grant of contoso names eve@else.example
> fault {service: graph, customer: contoso, fault: html}
> explain ada@fabrikam.example contoso
    ada@fabrikam.example at contoso: cannot be told: not everything was read
      Ada · partner object 0f1e2d3c-1111-4000-8000-000000000201 · account enabled · customer enforce
      Contoso_BreakGlass  mapped at customers/contoso/customer.yaml:16
        ? the group's members were not read: grant inc-4711 ended at 2030-01-01T12:00:00Z
        via grant inc-4711, over since 2030-01-01 12:00Z: restore of the recovery vault (INC-4711) (customers/contoso/grants/inc-4711.yaml:1)
        gives Owner on subscriptions/prod: not read (customers/contoso/customer.yaml:18)
      Contoso_Readers  mapped at templates/managed-azure.yaml:6
        ? the group's members were not read: belongs in it
        via listed in Contoso_Readers (groups/contoso.yaml:7)
        gives Reader on subscriptions/prod: not read (templates/managed-azure.yaml:7)
        gives Reader on subscriptions/test: not read (templates/managed-azure.yaml:7)
      in Northwind_Readers, which contoso does not map
      ? not read  our groups: our groups: graph GET /groups answered 200: the answer is not JSON or cut off; leaves undecided: every group, member and guest here
