package io.embeddingoperator.operator.status;

import io.embeddingoperator.operator.status.PodTrouble.ContainerRefused;
import io.embeddingoperator.operator.status.PodTrouble.ImagePull;
import io.embeddingoperator.operator.status.PodTrouble.InvalidImage;
import io.embeddingoperator.operator.status.PodTrouble.MissingConfigMap;
import io.embeddingoperator.operator.status.PodTrouble.MissingSecret;
import io.embeddingoperator.operator.status.PodTrouble.MissingSecretKey;
import io.embeddingoperator.operator.status.PodTrouble.SlowStart;
import io.embeddingoperator.operator.status.PodTrouble.Waiting;
import io.fabric8.kubernetes.api.model.ContainerStateWaiting;
import io.fabric8.kubernetes.api.model.ContainerStatus;
import io.fabric8.kubernetes.api.model.ImageVolumeSource;
import io.fabric8.kubernetes.api.model.SecretKeySelector;
import io.fabric8.kubernetes.api.model.Volume;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a pod waits for that does not run yet. The kinds are the kubelet's own reasons; only names are read out of its words. */
record PodWaiting(ShardPod pod, Instant now) {
    private static final Pattern BACK_OFF = Pattern.compile("Back-off pulling image \"[^\"]*\"(?:: ErrImagePull: )?");
    private static final Pattern NO_SECRET = Pattern.compile("secrets? \"([^\"]+)\" not found");
    private static final Pattern NO_SECRET_KEY = Pattern.compile("couldn't find key (\\S+) in Secret [^/\\s]+/(\\S+)");
    private static final Pattern NO_CONFIG_MAP = Pattern.compile("configmaps? \"([^\"]+)\" not found");
    private static final Pattern NO_CONFIG_KEY =
            Pattern.compile("couldn't find key (\\S+) in ConfigMap [^/\\s]+/(\\S+)");

    /** Empty when it starts as it should. */
    Optional<Waiting> trouble() {
        return unscheduled().or(this::containerWaiting).or(this::slowStart);
    }

    private Optional<Waiting> unscheduled() {
        return GracePeriod.forScheduler(pod)
                .filter(period -> period.isOver(now))
                .flatMap(_ -> pod.condition("PodScheduled"))
                .map(scheduled -> Scheduling.trouble(pod, Sentence.quote(scheduled.getMessage(), Sentence.QUOTE)));
    }

    private Optional<Waiting> containerWaiting() {
        return Stream.concat(
                        pod.status().getInitContainerStatuses().stream(), pod.status().getContainerStatuses().stream())
                .filter(container -> container.getState() != null
                        && container.getState().getWaiting() != null
                        && container.getState().getWaiting().getReason() != null)
                .map(container ->
                        containerWaiting(container, container.getState().getWaiting()))
                .flatMap(Optional::stream)
                .findFirst();
    }

    private Optional<Waiting> containerWaiting(ContainerStatus container, ContainerStateWaiting state) {
        String words = Sentence.quote(state.getMessage(), Sentence.QUOTE);
        return switch (state.getReason()) {
            case "CreateContainerConfigError" -> Optional.of(missing(words));
            case "ErrImagePull", "ImagePullBackOff", "ErrImageNeverPull", "ImageInspectError", "RegistryUnavailable" ->
                Optional.of(new ImagePull(image(container, words), pullFailure(words)));
            case "InvalidImageName" -> Optional.of(invalid(image(container, words), container));
            case "CreateContainerError", "RunContainerError", "CrashLoopBackOff", "CreatePodSandboxError" ->
                Optional.of(new ContainerRefused(words.isEmpty() ? state.getReason() : words));
            default -> Optional.empty();
        };
    }

    /** The container's own, unless the kubelet speaks of one that is mounted as a volume, such as a model. */
    private String image(ContainerStatus container, String words) {
        return volumes()
                .map(Volume::getImage)
                .filter(Objects::nonNull)
                .map(ImageVolumeSource::getReference)
                .filter(reference -> reference != null && words.contains(reference))
                .findFirst()
                .orElse(container.getImage());
    }

    private static InvalidImage invalid(String image, ContainerStatus container) {
        return new InvalidImage(image, image.equals(container.getImage()) ? "the operator's settings" : "the manifest");
    }

    /** The kubelet alternates between two reasons; what stands after the first colon is the same in both. */
    private static String pullFailure(String words) {
        Matcher backOff = BACK_OFF.matcher(words);
        String cause = backOff.lookingAt() ? words.substring(backOff.end()) : words;
        return cause.isEmpty() ? "back-off after several failures" : cause;
    }

    private Waiting missing(String words) {
        Matcher secret = NO_SECRET.matcher(words);
        if (secret.find()) {
            return new MissingSecret(pod.namespace(), secret.group(1), keysOf(secret.group(1)));
        }
        Matcher key = NO_SECRET_KEY.matcher(words);
        if (key.find()) {
            return new MissingSecretKey(pod.namespace(), key.group(2), key.group(1));
        }
        Matcher configMap = NO_CONFIG_MAP.matcher(words);
        if (configMap.find()) {
            return new MissingConfigMap(pod.namespace(), "ConfigMap " + configMap.group(1));
        }
        Matcher configKey = NO_CONFIG_KEY.matcher(words);
        if (configKey.find()) {
            return new MissingConfigMap(
                    pod.namespace(), "key %s of ConfigMap %s".formatted(configKey.group(1), configKey.group(2)));
        }
        return new ContainerRefused(words.isEmpty() ? "CreateContainerConfigError" : words);
    }

    private List<String> keysOf(String secret) {
        return pod.containers()
                .flatMap(container -> container.getEnv().stream())
                .filter(variable -> variable.getValueFrom() != null
                        && variable.getValueFrom().getSecretKeyRef() != null)
                .map(variable -> variable.getValueFrom().getSecretKeyRef())
                .filter(reference -> secret.equals(reference.getName()))
                .map(SecretKeySelector::getKey)
                .distinct()
                .sorted()
                .toList();
    }

    private Optional<Waiting> slowStart() {
        return GracePeriod.forKubelet(pod)
                .filter(period -> period.isOver(now))
                .map(_ -> new SlowStart(pod.namespace(), pod.image().orElse(""), providedVolumes()));
    }

    /** Those that others provide; the operator's own ConfigMap and temporary folders always mount. */
    private String providedVolumes() {
        return volumes().map(PodWaiting::provided).flatMap(Optional::stream).collect(Collectors.joining(", "));
    }

    private Stream<Volume> volumes() {
        return Stream.ofNullable(pod.pod().getSpec()).flatMap(spec -> spec.getVolumes().stream());
    }

    private static Optional<String> provided(Volume volume) {
        if (volume.getPersistentVolumeClaim() != null) {
            return Optional.of("claim " + volume.getPersistentVolumeClaim().getClaimName());
        }
        if (volume.getSecret() != null) {
            return Optional.of("Secret " + volume.getSecret().getSecretName());
        }
        if (volume.getImage() != null) {
            return Optional.of("image " + volume.getImage().getReference());
        }
        return Optional.empty();
    }
}
