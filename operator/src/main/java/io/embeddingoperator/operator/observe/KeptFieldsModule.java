package io.embeddingoperator.operator.observe;

import com.fasterxml.jackson.databind.annotation.JsonDeserialize;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.util.StdConverter;
import io.embeddingoperator.api.v1alpha1.EmbeddingEndpoint;
import io.embeddingoperator.api.v1alpha1.EmbeddingJob;
import io.embeddingoperator.operator.desired.RunnerConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.ConfigMapBuilder;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.api.model.Service;
import io.fabric8.kubernetes.api.model.ServiceBuilder;
import io.fabric8.kubernetes.api.model.apps.Deployment;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscaler;
import io.fabric8.kubernetes.api.model.autoscaling.v2.HorizontalPodAutoscalerBuilder;
import io.fabric8.kubernetes.api.model.batch.v1.Job;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudget;
import io.fabric8.kubernetes.api.model.policy.v1.PodDisruptionBudgetBuilder;

/**
 * Reads of each object what the operator asks for and drops the rest at once: an informer keeps every object that carries the
 * operator's labels, which any user with rights in one namespace can put on objects of a megabyte. Of an object that no
 * EmbeddingJob can own, the name is kept and nothing else, so that the operator never acts on it either.
 *
 * <p>What was read is never sent back as a whole: the operator changes objects by patches of single fields.
 */
public final class KeptFieldsModule extends SimpleModule {
    private static final long serialVersionUID = 1L;

    public KeptFieldsModule() {
        super("kept-fields");
        setMixInAnnotation(EmbeddingJob.class, OfEmbeddingJob.class);
        setMixInAnnotation(Job.class, OfJob.class);
        setMixInAnnotation(Pod.class, OfPod.class);
        setMixInAnnotation(ConfigMap.class, OfConfigMap.class);
        setMixInAnnotation(EmbeddingEndpoint.class, OfEmbeddingEndpoint.class);
        setMixInAnnotation(Deployment.class, OfDeployment.class);
        setMixInAnnotation(Service.class, OfService.class);
        setMixInAnnotation(PodDisruptionBudget.class, OfDisruptionBudget.class);
        setMixInAnnotation(HorizontalPodAutoscaler.class, OfAutoscaler.class);
    }

    @JsonDeserialize(converter = EmbeddingJobConverter.class)
    private interface OfEmbeddingJob {}

    @JsonDeserialize(converter = JobConverter.class)
    private interface OfJob {}

    @JsonDeserialize(converter = PodConverter.class)
    private interface OfPod {}

    @JsonDeserialize(converter = ConfigMapConverter.class)
    private interface OfConfigMap {}

    @JsonDeserialize(converter = EmbeddingEndpointConverter.class)
    private interface OfEmbeddingEndpoint {}

    @JsonDeserialize(converter = DeploymentConverter.class)
    private interface OfDeployment {}

    @JsonDeserialize(converter = ServiceConverter.class)
    private interface OfService {}

    @JsonDeserialize(converter = DisruptionBudgetConverter.class)
    private interface OfDisruptionBudget {}

    @JsonDeserialize(converter = AutoscalerConverter.class)
    private interface OfAutoscaler {}

    private static final class EmbeddingJobConverter extends StdConverter<EmbeddingJob, EmbeddingJob> {
        @Override
        public EmbeddingJob convert(EmbeddingJob read) {
            if (read.getMetadata() != null) {
                read.setMetadata(KeptMetadata.ofEmbeddingJob(read.getMetadata()));
            }
            return read;
        }
    }

    private static final class JobConverter extends StdConverter<Job, Job> {
        @Override
        public Job convert(Job read) {
            return read.getMetadata() == null ? read : KeptJob.of(read);
        }
    }

    private static final class PodConverter extends StdConverter<Pod, Pod> {
        @Override
        public Pod convert(Pod read) {
            return read.getMetadata() == null ? read : KeptPod.of(read);
        }
    }

    private static final class ConfigMapConverter extends StdConverter<ConfigMap, ConfigMap> {
        @Override
        public ConfigMap convert(ConfigMap read) {
            if (read.getMetadata() == null) {
                return read;
            }
            ObjectMeta metadata = KeptMetadata.ofConfigMap(read.getMetadata());
            if (metadata.getOwnerReferences().isEmpty()) {
                return new ConfigMapBuilder()
                        .withMetadata(KeptMetadata.ofForeignObject(read.getMetadata()))
                        .build();
            }
            return RunnerConfigMap.kept(read, metadata);
        }
    }

    private static final class EmbeddingEndpointConverter extends StdConverter<EmbeddingEndpoint, EmbeddingEndpoint> {
        @Override
        public EmbeddingEndpoint convert(EmbeddingEndpoint read) {
            if (read.getMetadata() != null) {
                read.setMetadata(KeptMetadata.ofEmbeddingEndpoint(read.getMetadata()));
            }
            return read;
        }
    }

    private static final class DeploymentConverter extends StdConverter<Deployment, Deployment> {
        @Override
        public Deployment convert(Deployment read) {
            return read.getMetadata() == null ? read : KeptDeployment.of(read);
        }
    }

    /** That it is there is all that is asked of it. */
    private static final class ServiceConverter extends StdConverter<Service, Service> {
        @Override
        public Service convert(Service read) {
            return read.getMetadata() == null
                    ? read
                    : new ServiceBuilder()
                            .withMetadata(KeptMetadata.ofEndpointChild(read.getMetadata()))
                            .build();
        }
    }

    /** As of a Service. */
    private static final class DisruptionBudgetConverter
            extends StdConverter<PodDisruptionBudget, PodDisruptionBudget> {
        @Override
        public PodDisruptionBudget convert(PodDisruptionBudget read) {
            return read.getMetadata() == null
                    ? read
                    : new PodDisruptionBudgetBuilder()
                            .withMetadata(KeptMetadata.ofEndpointChild(read.getMetadata()))
                            .build();
        }
    }

    /** As of a Service. */
    private static final class AutoscalerConverter
            extends StdConverter<HorizontalPodAutoscaler, HorizontalPodAutoscaler> {
        @Override
        public HorizontalPodAutoscaler convert(HorizontalPodAutoscaler read) {
            return read.getMetadata() == null
                    ? read
                    : new HorizontalPodAutoscalerBuilder()
                            .withMetadata(KeptMetadata.ofEndpointChild(read.getMetadata()))
                            .build();
        }
    }
}
