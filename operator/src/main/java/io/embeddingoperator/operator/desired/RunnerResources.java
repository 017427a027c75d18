package io.embeddingoperator.operator.desired;

import io.fabric8.kubernetes.api.model.Quantity;
import io.fabric8.kubernetes.api.model.ResourceRequirements;
import io.fabric8.kubernetes.api.model.ResourceRequirementsBuilder;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What the container asks for: the template's resources, and a request for CPU and memory where the template names none.
 *
 * <p>A runner with the bundled model holds between half a GiB and one GiB, and one core keeps it going: so the scheduler
 * learns what a pod takes, and the kubelet does not pick it first when memory runs short. There is no default limit. A limit
 * on memory would have the runner refuse a larger model, and one on CPU would slow down a pod on an idle node.
 *
 * <p>In a namespace with a LimitRange whose default limit is below these requests, or a ResourceQuota on limits, pods are
 * refused until the template names resources: the Job's event FailedCreate says so.
 */
final class RunnerResources {
    static final Map<String, Quantity> DEFAULT_REQUESTS =
            Map.of("cpu", new Quantity("1"), "memory", new Quantity("1Gi"));

    private RunnerResources() {}

    /** @param template null where the template has none */
    static ResourceRequirements of(@Nullable ResourceRequirements template) {
        ResourceRequirementsBuilder resources =
                template == null ? new ResourceRequirementsBuilder() : new ResourceRequirementsBuilder(template);
        DEFAULT_REQUESTS.forEach((name, quantity) -> {
            // A limit without a request is a request too: Kubernetes copies it.
            if (!names(resources.getRequests(), name) && !names(resources.getLimits(), name)) {
                resources.addToRequests(name, quantity);
            }
        });
        return resources.build();
    }

    private static boolean names(@Nullable Map<String, Quantity> quantities, String name) {
        return quantities != null && quantities.containsKey(name);
    }
}
