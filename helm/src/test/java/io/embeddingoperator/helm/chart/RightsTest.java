package io.embeddingoperator.helm.chart;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.api.model.rbac.ClusterRole;
import io.fabric8.kubernetes.api.model.rbac.ClusterRoleBinding;
import io.fabric8.kubernetes.api.model.rbac.PolicyRule;
import io.fabric8.kubernetes.api.model.rbac.Role;
import io.fabric8.kubernetes.api.model.rbac.RoleBinding;
import io.fabric8.kubernetes.api.model.rbac.Subject;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class RightsTest {
    private static final String OPERATOR = "embedding-operator";
    private static final String LEADER = OPERATOR + "-leader";

    /** All that the operator does, and where the tests of this module know it from. */
    static final Map<String, String> NEEDED = Map.ofEntries(
            Map.entry("embedding-operator.io/embeddingjobs", "get,list,patch,watch"),
            Map.entry("embedding-operator.io/embeddingjobs/status", "patch"),
            Map.entry("embedding-operator.io/embeddingjobs/finalizers", "update"),
            Map.entry("embedding-operator.io/embeddingendpoints", "get,list,watch"),
            Map.entry("embedding-operator.io/embeddingendpoints/status", "patch"),
            Map.entry("embedding-operator.io/embeddingendpoints/finalizers", "update"),
            Map.entry("apps/deployments", "create,get,list,patch,watch"),
            Map.entry("/services", "create,get,list,patch,watch"),
            Map.entry("policy/poddisruptionbudgets", "create,get,list,patch,watch"),
            Map.entry("autoscaling/horizontalpodautoscalers", "create,delete,get,list,patch,watch"),
            Map.entry("batch/jobs", "create,delete,get,list,patch,watch"),
            Map.entry("/configmaps", "create,delete,get,list,patch,watch"),
            Map.entry("/pods", "list,watch"),
            Map.entry("events.k8s.io/events", "create"));

    @Test
    void givesExactlyWhatTheOperatorDoesInEveryNamespace() {
        RenderedChart chart = Chart.render("");

        assertThat(verbs(chart.named(ClusterRole.class, OPERATOR).getRules())).isEqualTo(NEEDED);
        ClusterRoleBinding binding = chart.only(ClusterRoleBinding.class);
        assertThat(binding.getRoleRef().getName()).isEqualTo(OPERATOR);
        assertThat(binding.getSubjects()).singleElement().satisfies(RightsTest::isTheOperator);
    }

    @Test
    void keepsAClusterRoleOutOfTheNamespacesOfKubernetesItself() {
        assertThat(Chart.render("").kinds()).contains("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding");
        assertThat(Chart.render("watchNamespaces: [search]").kinds())
                .doesNotContain("ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding");
        assertThatThrownBy(() -> Chart.render("watchNamespaces: [search, kube-system]"))
                .hasMessageContaining("watchNamespaces");
    }

    @Test
    void givesTheSameInTheNamedNamespacesAndNothingAnywhereElse() {
        RenderedChart chart = Chart.render("watchNamespaces: [search, shop]");

        assertThat(chart.all(ClusterRole.class))
                .extracting(role -> role.getMetadata().getName())
                .containsExactlyInAnyOrder(OPERATOR + "-view", OPERATOR + "-edit");
        assertThat(chart.all(ClusterRoleBinding.class)).isEmpty();
        assertThat(namespaces(chart.all(Role.class), OPERATOR)).containsExactlyInAnyOrder("search", "shop");
        assertThat(namespaces(chart.all(RoleBinding.class), OPERATOR)).containsExactlyInAnyOrder("search", "shop");
        assertThat(chart.all(Role.class))
                .filteredOn(role -> role.getMetadata().getName().equals(OPERATOR))
                .allSatisfy(role -> assertThat(verbs(role.getRules())).isEqualTo(NEEDED));
        assertThat(chart.all(RoleBinding.class)).allSatisfy(binding -> {
            assertThat(binding.getRoleRef().getKind()).isEqualTo("Role");
            assertThat(binding.getSubjects()).singleElement().satisfies(RightsTest::isTheOperator);
        });
    }

    @Test
    void letsTheOperatorSeeLabelsOnlyWhereTheyAreAskedFor() {
        Map<String, String> needed = new TreeMap<>(NEEDED);
        needed.put("/secrets", "get");
        needed.put("/persistentvolumeclaims", "get");

        RenderedChart chart = Chart.render("tenancy: {requireLabel: [Secret, ConfigMap, PersistentVolumeClaim]}");

        assertThat(verbs(chart.named(ClusterRole.class, OPERATOR).getRules())).isEqualTo(needed);
    }

    @Test
    void givesOneLeaseInTheOperatorsOwnNamespace() {
        Role role = Chart.render("leaderElection: {leaseName: the-one}").named(Role.class, LEADER);

        assertThat(role.getMetadata().getNamespace()).isEqualTo(Chart.NAMESPACE);
        assertThat(role.getRules())
                .allSatisfy(rule -> assertThat(rule.getResources()).containsExactly("leases"));
        assertThat(role.getRules().getFirst().getVerbs()).containsExactly("create");
        assertThat(role.getRules().getLast().getVerbs()).containsExactly("get", "patch", "update");
        assertThat(role.getRules().getLast().getResourceNames()).containsExactly("the-one");
    }

    @Test
    void givesNoLeaseWithoutLeaderElection() {
        RenderedChart chart = Chart.render("leaderElection: {enabled: false}");

        assertThat(chart.all(Role.class)).isEmpty();
        assertThat(chart.all(RoleBinding.class)).isEmpty();
    }

    @Test
    void letsPeopleOfANamespaceSeeAndEditItsJobs() {
        RenderedChart chart = Chart.render("");

        ClusterRole view = chart.named(ClusterRole.class, OPERATOR + "-view");
        ClusterRole edit = chart.named(ClusterRole.class, OPERATOR + "-edit");
        assertThat(view.getMetadata().getLabels())
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-view", "true")
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-edit", "true")
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-admin", "true");
        assertThat(edit.getMetadata().getLabels())
                .doesNotContainKey("rbac.authorization.k8s.io/aggregate-to-view")
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-edit", "true")
                .containsEntry("rbac.authorization.k8s.io/aggregate-to-admin", "true");
        assertThat(verbs(view.getRules()))
                .isEqualTo(Map.of(
                        "embedding-operator.io/embeddingjobs", "get,list,watch",
                        "embedding-operator.io/embeddingendpoints", "get,list,watch",
                        "embedding-operator.io/embeddingjobs/status", "get",
                        "embedding-operator.io/embeddingendpoints/status", "get",
                        "embedding-operator.io/embeddingendpoints/scale", "get"));
        assertThat(verbs(edit.getRules()))
                .isEqualTo(Map.of(
                        "embedding-operator.io/embeddingjobs", "create,delete,deletecollection,patch,update",
                        "embedding-operator.io/embeddingendpoints", "create,delete,deletecollection,patch,update",
                        "embedding-operator.io/embeddingendpoints/scale", "patch,update"));
    }

    @Test
    void leavesRightsToTheAdministratorWhereAsked() {
        RenderedChart chart = Chart.render("rbac: {create: false, aggregateRoles: false}");

        assertThat(chart.kinds()).doesNotContain("Role", "RoleBinding", "ClusterRole", "ClusterRoleBinding");
    }

    private static Map<String, String> verbs(List<PolicyRule> rules) {
        Map<String, String> verbs = new TreeMap<>();
        for (PolicyRule rule : rules) {
            for (String group : rule.getApiGroups()) {
                for (String resource : rule.getResources()) {
                    verbs.put(
                            group + "/" + resource,
                            String.join(",", rule.getVerbs().stream().sorted().toList()));
                }
            }
        }
        return verbs;
    }

    private static List<String> namespaces(List<? extends HasMetadata> objects, String name) {
        return objects.stream()
                .map(HasMetadata::getMetadata)
                .filter(metadata -> metadata.getName().equals(name))
                .map(metadata -> metadata.getNamespace())
                .toList();
    }

    private static void isTheOperator(Subject subject) {
        assertThat(subject.getKind()).isEqualTo("ServiceAccount");
        assertThat(subject.getName()).isEqualTo(OPERATOR);
        assertThat(subject.getNamespace()).isEqualTo(Chart.NAMESPACE);
    }
}
