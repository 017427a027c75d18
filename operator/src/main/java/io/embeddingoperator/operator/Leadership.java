package io.embeddingoperator.operator;

import io.embeddingoperator.operator.config.LeaderElection;
import io.fabric8.kubernetes.api.model.coordination.v1.Lease;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.dsl.Resource;
import io.fabric8.kubernetes.client.extended.leaderelection.LeaderCallbacks;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfiguration;
import io.javaoperatorsdk.operator.api.config.LeaderElectionConfigurationBuilder;
import java.util.Optional;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * This operator's part in the election of the one that works. An operator that loses the lease ends at once: another one may be
 * at work already, and what this one knows may be old.
 */
final class Leadership {
    private static final Logger LOG = LoggerFactory.getLogger(Leadership.class);

    private final LeaderElection settings;
    private final String instance;
    private final KubernetesClient client;
    private final Consumer<String> fatal;

    private volatile boolean held;
    private volatile boolean lossIsExpected;

    Leadership(LeaderElection settings, String instance, KubernetesClient client, Consumer<String> fatal) {
        this.settings = settings;
        this.instance = instance;
        this.client = client;
        this.fatal = fatal;
        this.held = !settings.enabled();
    }

    /** How the SDK takes part; empty when there is no election. */
    Optional<LeaderElectionConfiguration> configuration() {
        if (!settings.enabled()) {
            return Optional.empty();
        }
        return Optional.of(LeaderElectionConfigurationBuilder.aLeaderElectionConfiguration(settings.leaseName())
                .withLeaseNamespace(settings.namespace())
                .withIdentity(instance)
                .withLeaderCallbacks(new LeaderCallbacks(this::gained, this::lost, this::changed))
                // The SDK would end the process on every stop, on an orderly one too.
                .withExitOnStopLeading(false)
                .build());
    }

    boolean isHeld() {
        return held;
    }

    /** Before an orderly stop: from now on, the loss of the lease is expected. */
    void expectLoss() {
        lossIsExpected = true;
    }

    /** After an orderly stop: the next operator need not wait until the lease runs out. */
    void release() {
        if (!settings.enabled() || !held) {
            return;
        }
        held = false;
        Resource<Lease> lease =
                client.leases().inNamespace(settings.namespace()).withName(settings.leaseName());
        try {
            lease.edit(present -> {
                if (instance.equals(present.getSpec().getHolderIdentity())) {
                    present.getSpec().setHolderIdentity("");
                }
                return present;
            });
        } catch (KubernetesClientException e) {
            LOG.info(
                    "the lease {} was not given back and runs out by itself: {}", settings.leaseName(), e.getMessage());
        }
    }

    private void gained() {
        held = true;
        LOG.info("holds the lease {} as {}: at work", settings.leaseName(), instance);
    }

    private void changed(String leader) {
        if (!instance.equals(leader)) {
            LOG.info("{} holds the lease {}: ready to take over", leader, settings.leaseName());
        }
    }

    private void lost() {
        if (!lossIsExpected) {
            held = false;
            fatal.accept(
                    "lost the lease %s: ends, so that two operators never work at once; started again, it waits for its turn"
                            .formatted(settings.leaseName()));
        }
    }
}
