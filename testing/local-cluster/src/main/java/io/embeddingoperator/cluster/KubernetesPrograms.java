package io.embeddingoperator.cluster;

import java.nio.file.Path;

/** The programs that Kubernetes is made of, and those of its users: what {@code dev/kubernetes ensure} finds or builds. */
public final class KubernetesPrograms {
    private KubernetesPrograms() {}

    /**
     * The folder with etcd, kube-apiserver, kube-controller-manager, kube-scheduler, kubectl and helm. On a machine that has
     * none of them they are built first, which takes long.
     *
     * @throws IllegalStateException outside a checkout of this project, or if they can neither be found nor built
     */
    public static Path folder() {
        return Path.of(ProjectScript.named("kubernetes").result("ensure"));
    }
}
