module embedding-operator.io/kubernetes-build/pause

go 1.26.0
