package io.embeddingoperator.cluster.node;

import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodSecurityContext;
import io.fabric8.kubernetes.api.model.SecurityContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;

/**
 * The user that a container runs as, and what that user may do.
 *
 * @param user numeric user; an image without a user of its own, as every {@link ProcessImage}, runs as 0
 * @param groups supplementary groups
 * @param mustNotBeRoot whether the pod forbids user 0
 * @param capabilities the Linux capabilities that are left, without CAP_; null when nothing is taken away
 * @param writableRoot whether the process may write outside its mounts
 */
record Privileges(
        long user,
        long group,
        List<Long> groups,
        boolean mustNotBeRoot,
        boolean mayGainMore,
        List<String> capabilities,
        boolean writableRoot) {
    private static final List<String> OF_CONTAINERS = List.of(
            "chown",
            "dac_override",
            "fsetid",
            "fowner",
            "mknod",
            "net_raw",
            "setgid",
            "setuid",
            "setfcap",
            "setpcap",
            "net_bind_service",
            "sys_chroot",
            "kill",
            "audit_write");

    static Privileges of(Pod pod, Container container) {
        var forPod = Optional.ofNullable(pod.getSpec().getSecurityContext());
        var own = Optional.ofNullable(container.getSecurityContext());
        List<Long> groups = new ArrayList<>(
                forPod.map(PodSecurityContext::getSupplementalGroups).orElse(List.of()));
        forPod.map(PodSecurityContext::getFsGroup).ifPresent(groups::add);
        return new Privileges(
                either(own, SecurityContext::getRunAsUser, forPod, PodSecurityContext::getRunAsUser)
                        .orElse(0L),
                either(own, SecurityContext::getRunAsGroup, forPod, PodSecurityContext::getRunAsGroup)
                        .orElse(0L),
                List.copyOf(groups),
                either(own, SecurityContext::getRunAsNonRoot, forPod, PodSecurityContext::getRunAsNonRoot)
                        .orElse(false),
                own.map(SecurityContext::getAllowPrivilegeEscalation).orElse(true),
                own.map(SecurityContext::getPrivileged).orElse(false) ? null : capabilities(own),
                !own.map(SecurityContext::getReadOnlyRootFilesystem).orElse(false));
    }

    /**
     * The same as options of setpriv.
     *
     * @param root whether the node itself runs as root; else it has one user alone, who stands for every other
     */
    String options(boolean root) {
        List<String> options = new ArrayList<>();
        if (root) {
            options.add("--reuid=" + user);
            options.add("--regid=" + group);
            options.add(
                    groups.isEmpty()
                            ? "--clear-groups"
                            : "--groups="
                                    + groups.stream().map(Object::toString).collect(Collectors.joining(",")));
        }
        if (capabilities != null) {
            String left = capabilities.stream().map(name -> ",+" + name).collect(Collectors.joining());
            options.add("--bounding-set=-all" + left);
            options.add("--inh-caps=-all");
        }
        if (!mayGainMore) {
            options.add("--no-new-privs");
        }
        return String.join(" ", options);
    }

    private static List<String> capabilities(Optional<SecurityContext> own) {
        var change = own.map(SecurityContext::getCapabilities);
        List<String> dropped =
                change.map(capabilities -> lowerCase(capabilities.getDrop())).orElse(List.of());
        List<String> left = new ArrayList<>(dropped.contains("all") ? List.of() : OF_CONTAINERS);
        left.removeAll(dropped);
        change.map(capabilities -> lowerCase(capabilities.getAdd())).ifPresent(left::addAll);
        return left.stream().distinct().toList();
    }

    private static List<String> lowerCase(List<String> capabilities) {
        return capabilities.stream()
                .filter(Objects::nonNull)
                .map(name -> name.toLowerCase(Locale.ROOT))
                .map(name -> name.startsWith("cap_") ? name.substring("cap_".length()) : name)
                .toList();
    }

    private static <T> Optional<T> either(
            Optional<SecurityContext> container,
            Function<SecurityContext, T> ofContainer,
            Optional<PodSecurityContext> pod,
            Function<PodSecurityContext, T> ofPod) {
        return container.map(ofContainer).or(() -> pod.map(ofPod));
    }
}
