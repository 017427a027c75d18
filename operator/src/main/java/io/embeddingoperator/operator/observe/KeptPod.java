package io.embeddingoperator.operator.observe;

import io.embeddingoperator.api.contract.TerminationMessage;
import io.embeddingoperator.operator.desired.EndpointLabels;
import io.embeddingoperator.operator.desired.RunLabels;
import io.fabric8.kubernetes.api.model.Container;
import io.fabric8.kubernetes.api.model.ContainerBuilder;
import io.fabric8.kubernetes.api.model.ContainerState;
import io.fabric8.kubernetes.api.model.ContainerStateBuilder;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ContainerStatusBuilder;
import io.fabric8.kubernetes.api.model.EnvVar;
import io.fabric8.kubernetes.api.model.EnvVarBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.PodBuilder;
import io.fabric8.kubernetes.api.model.PodCondition;
import io.fabric8.kubernetes.api.model.PodConditionBuilder;
import io.fabric8.kubernetes.api.model.PodSpec;
import io.fabric8.kubernetes.api.model.PodSpecBuilder;
import io.fabric8.kubernetes.api.model.PodStatus;
import io.fabric8.kubernetes.api.model.PodStatusBuilder;
import io.fabric8.kubernetes.api.model.Volume;
import io.fabric8.kubernetes.api.model.VolumeBuilder;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/** What is kept of a pod: its address and node, its status, and the names of what it cannot start without. */
final class KeptPod {
    /** Containers, conditions, volumes, ports and references to Secrets: a runner's pod has fewer of each. */
    private static final int MOST = 64;

    /** Of a kubelet's words a status quotes fewer. */
    private static final int LONGEST_WORDS = 1_024;

    private KeptPod() {}

    static Pod of(Pod read) {
        ObjectMeta metadata = KeptMetadata.ofPod(read.getMetadata());
        if (metadata.getOwnerReferences().isEmpty() || !isOfARunOrAnEndpoint(metadata)) {
            return new PodBuilder()
                    .withMetadata(KeptMetadata.ofForeignObject(read.getMetadata()))
                    .build();
        }
        return new PodBuilder()
                .withMetadata(metadata)
                .withSpec(read.getSpec() == null ? null : spec(read.getSpec()))
                .withStatus(read.getStatus() == null ? null : status(read.getStatus()))
                .build();
    }

    private static boolean isOfARunOrAnEndpoint(ObjectMeta pod) {
        return pod.getLabels().containsKey(RunLabels.JOB) || pod.getLabels().containsKey(EndpointLabels.ENDPOINT);
    }

    private static PodSpec spec(PodSpec read) {
        return new PodSpecBuilder()
                .withNodeName(read.getNodeName())
                .withContainers(each(read.getContainers(), KeptPod::container))
                .withVolumes(each(read.getVolumes(), KeptPod::volume))
                .build();
    }

    private static Container container(Container read) {
        List<EnvVar> secrets = read.getEnv().stream()
                .map(EnvVar::getValueFrom)
                .filter(source -> source != null && source.getSecretKeyRef() != null)
                .map(source -> new EnvVarBuilder()
                        .withNewValueFrom()
                        .withSecretKeyRef(source.getSecretKeyRef())
                        .endValueFrom()
                        .build())
                .toList();
        ContainerBuilder kept = new ContainerBuilder()
                .withName(read.getName())
                .withImage(cut(read.getImage(), LONGEST_WORDS))
                .withEnv(each(secrets, UnaryOperator.identity()))
                .withPorts(each(read.getPorts(), UnaryOperator.identity()));
        if (read.getResources() != null && read.getResources().getLimits() != null) {
            kept.withNewResources()
                    .withLimits(read.getResources().getLimits().entrySet().stream()
                            .limit(MOST)
                            .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue)))
                    .endResources();
        }
        return kept.build();
    }

    private static Volume volume(Volume read) {
        VolumeBuilder kept = new VolumeBuilder().withName(read.getName());
        if (read.getPersistentVolumeClaim() != null) {
            kept.withNewPersistentVolumeClaim()
                    .withClaimName(cut(read.getPersistentVolumeClaim().getClaimName(), LONGEST_WORDS))
                    .endPersistentVolumeClaim();
        }
        if (read.getImage() != null) {
            kept.withNewImage()
                    .withReference(cut(read.getImage().getReference(), LONGEST_WORDS))
                    .endImage();
        }
        if (read.getSecret() != null) {
            kept.withNewSecret()
                    .withSecretName(cut(read.getSecret().getSecretName(), LONGEST_WORDS))
                    .endSecret();
        }
        return kept.build();
    }

    private static PodStatus status(PodStatus read) {
        return new PodStatusBuilder()
                .withPhase(read.getPhase())
                .withReason(cut(read.getReason(), LONGEST_WORDS))
                .withMessage(cut(read.getMessage(), LONGEST_WORDS))
                .withPodIP(read.getPodIP())
                .withStartTime(read.getStartTime())
                .withConditions(each(read.getConditions(), KeptPod::condition))
                .withInitContainerStatuses(each(read.getInitContainerStatuses(), KeptPod::containerStatus))
                .withContainerStatuses(each(read.getContainerStatuses(), KeptPod::containerStatus))
                .build();
    }

    private static PodCondition condition(PodCondition read) {
        return new PodConditionBuilder(read)
                .withReason(cut(read.getReason(), LONGEST_WORDS))
                .withMessage(cut(read.getMessage(), LONGEST_WORDS))
                .build();
    }

    private static ContainerStatus containerStatus(ContainerStatus read) {
        return new ContainerStatusBuilder()
                .withName(read.getName())
                .withImage(cut(read.getImage(), LONGEST_WORDS))
                .withReady(read.getReady())
                .withState(read.getState() == null ? null : state(read.getState()))
                .withLastState(read.getLastState() == null ? null : state(read.getLastState()))
                .build();
    }

    private static ContainerState state(ContainerState read) {
        ContainerStateBuilder kept = new ContainerStateBuilder(read);
        if (read.getWaiting() != null) {
            kept.editWaiting()
                    .withMessage(cut(read.getWaiting().getMessage(), LONGEST_WORDS))
                    .endWaiting();
        }
        if (read.getTerminated() != null) {
            kept.editTerminated()
                    .withMessage(cut(read.getTerminated().getMessage(), TerminationMessage.MAX_BYTES))
                    .endTerminated();
        }
        return kept.build();
    }

    private static <T> List<T> each(List<T> read, UnaryOperator<T> kept) {
        return read.stream().limit(MOST).map(kept).toList();
    }

    private static String cut(String text, int longest) {
        return text == null || text.length() <= longest ? text : text.substring(0, longest);
    }
}
