package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.PodTrouble.MissingVolumeClaim;
import io.embeddingoperator.operator.status.PodTrouble.Unschedulable;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.Quantity;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Turns what the scheduler says of a pod into advice. */
final class Scheduling {
    private static final Pattern NO_CLAIM = Pattern.compile("persistentvolumeclaim \"([^\"]+)\" not found");
    private static final Pattern INSUFFICIENT = Pattern.compile("Insufficient (cpu|memory|ephemeral-storage)");

    private Scheduling() {}

    static Waiting trouble(ShardPod pod, String scheduler) {
        Matcher claim = NO_CLAIM.matcher(scheduler);
        if (claim.find()) {
            return new MissingVolumeClaim(pod.namespace(), claim.group(1));
        }
        return new Unschedulable(advice(pod, scheduler), withoutPreemption(scheduler));
    }

    private static String advice(ShardPod pod, String scheduler) {
        Map<String, Quantity> devices = devices(pod);
        for (Map.Entry<String, Quantity> device : devices.entrySet()) {
            if (scheduler.contains("Insufficient " + device.getKey())) {
                return ("no node has %s %s free: add nodes that have it, wait until others give theirs back,"
                                + " or lower spec.sharding.parallelism")
                        .formatted(device.getValue(), device.getKey());
            }
        }
        Matcher insufficient = INSUFFICIENT.matcher(scheduler);
        if (insufficient.find()) {
            return "no node has enough %s free: add nodes, lower spec.sharding.parallelism, or ask for less in spec.template.resources"
                            .formatted(insufficient.group(1))
                    + Sentence.AND_RUN_AGAIN;
        }
        if (scheduler.contains("untolerated taint")) {
            return "the nodes are tainted: tolerate the taint in spec.template.tolerations" + Sentence.AND_RUN_AGAIN;
        }
        if (scheduler.contains("node affinity/selector")) {
            return "no node has the labels that spec.template.nodeSelector and affinity ask for: label one, or change them"
                    + Sentence.AND_RUN_AGAIN;
        }
        if (scheduler.contains("unbound immediate PersistentVolumeClaims")) {
            return "a PersistentVolumeClaim has no volume yet: kubectl get pvc -n %s tells which"
                    .formatted(pod.namespace());
        }
        if (scheduler.contains("scheduling gates")) {
            return "a scheduling gate holds the pod";
        }
        if (scheduler.contains("no nodes available")) {
            return "the cluster has no node: add one";
        }
        return "no node takes the pod";
    }

    /** GPUs and other devices, which have the domain of their maker in their name. */
    private static Map<String, Quantity> devices(ShardPod pod) {
        Map<String, Quantity> devices = new TreeMap<>();
        if (pod.pod().getSpec() != null) {
            for (Container container : pod.pod().getSpec().getContainers()) {
                if (container.getResources() != null && container.getResources().getLimits() != null) {
                    devices.putAll(container.getResources().getLimits());
                }
            }
        }
        devices.keySet().removeIf(resource -> !resource.contains("/"));
        return devices;
    }

    private static String withoutPreemption(String scheduler) {
        int preemption = scheduler.indexOf(" preemption:");
        String words = Sentence.quote(preemption < 0 ? scheduler : scheduler.substring(0, preemption), Sentence.QUOTE);
        return words.isEmpty() ? "nothing" : words;
    }
}
