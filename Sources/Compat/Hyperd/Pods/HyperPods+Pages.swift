// SPDX-License-Identifier: Apache-2.0
public import KataText

extension DiagnosticCode {
    static let podValueType: DiagnosticCode = "HPOD001"
    static let podRefused: DiagnosticCode = "HPOD002"
    static let unknownPodKey: DiagnosticCode = "HPOD003"
    static let lostPodKey: DiagnosticCode = "HPOD004"
    static let podRenamed: DiagnosticCode = "HPOD005"
    static let podResources: DiagnosticCode = "HPOD006"
    static let podFile: DiagnosticCode = "HPOD007"
    static let podFileDiffers: DiagnosticCode = "HPOD008"
    static let podVolume: DiagnosticCode = "HPOD009"
    static let podVolumeDriver: DiagnosticCode = "HPOD010"
    static let podPorts: DiagnosticCode = "HPOD011"
    static let podUser: DiagnosticCode = "HPOD012"
    static let podSysctl: DiagnosticCode = "HPOD013"
    static let podRestart: DiagnosticCode = "HPOD014"
    static let podService: DiagnosticCode = "HPOD015"
}

extension HyperPods {
    /// What translating pod files reports.
    public static let pages: [DiagnosticPage] = [
        DiagnosticPage(
            code: .podValueType, title: "value of a type that hyperd refused", severity: .error,
            explanation: "hyperd read pod files into typed structures and refused the whole file for one value of another type.",
            remedy: "Correct the value."),
        DiagnosticPage(
            code: .podRefused, title: "pod file that hyperd refused", severity: .error,
            explanation: "A required key is missing, or a value fails the checks that hyperd made before it started a pod.",
            remedy: "Correct the file at the place shown."),
        DiagnosticPage(
            code: .unknownPodKey, title: "key or document that hyperd read past", severity: .warning,
            explanation: "No release knew the key, so it had no effect. The name of a pod is its id.",
            remedy: "Correct the spelling, or remove it."),
        DiagnosticPage(
            code: .lostPodKey, title: "key without a counterpart", severity: .warning,
            explanation: "Kubernetes has nothing that a pod could say in its place; the message says who decides it there.",
            remedy: "Set it up in the cluster where it is needed."),
        DiagnosticPage(
            code: .podRenamed, title: "pod or container has another name", severity: .warning,
            explanation: "hyperd took any name, or made one up; Kubernetes takes at most 63 lower case letters, digits and hyphens.",
            remedy: "Look for scripts that use the old name."),
        DiagnosticPage(
            code: .podResources, title: "size of the machine is divided among containers", severity: .warning,
            explanation: "hyperd sized the virtual machine, and each container could use all of it. Kubernetes limits containers, and Kata "
                + "makes the machine as large as their limits together.",
            remedy: "Give each container the part that it needs."),
        DiagnosticPage(
            code: .podFile, title: "file is not carried over", severity: .warning,
            explanation: "hyperd fetched files by HTTP and decoded base64 when it made the pod. What cannot be had now is left out; a "
                + "ConfigMap holds at most 1 MiB.",
            remedy: "Put the file into the ConfigMap or the image."),
        DiagnosticPage(
            code: .podFileDiffers, title: "file is not quite the same", severity: .warning,
            explanation:
                "hyperd copied files into the container, where they had any owner and could be changed. Files of a ConfigMap or of "
                + "the host are mounted read-only.",
            remedy: "Copy the file in an init container where the program changes it."),
        DiagnosticPage(
            code: .podVolume, title: "volume is not carried over", severity: .warning,
            explanation: "Kubernetes gives pods no disk image of the host, and mounts no network file system but NFS by itself.",
            remedy: "Make a PersistentVolume, and add it and its mounts."),
        DiagnosticPage(
            code: .podVolumeDriver, title: "volume needs a driver on new clusters", severity: .warning,
            explanation: "The rbd volumes of Kubernetes were deprecated in 1.28 and removed in 1.31.",
            remedy: "Use ceph-csi where the cluster is newer."),
        DiagnosticPage(
            code: .podPorts, title: "ports differ", severity: .warning,
            explanation: "hyperd mapped ranges and chose free ports of the host. Kubernetes maps single ports by number.",
            remedy: "Use a Service of type NodePort where the number does not matter."),
        DiagnosticPage(
            code: .podUser, title: "user or group by name", severity: .warning,
            explanation:
                "hyperd looked the name up in the image. Kubernetes takes numbers only, so it is left out and the image's own user "
                + "is taken.",
            remedy: "Write the number that the image's /etc/passwd or /etc/group has."),
        DiagnosticPage(
            code: .podSysctl, title: "kernel parameters belong to the pod", severity: .warning,
            explanation: "hyperd took them per container, though a pod has one kernel. kubelet refuses those it does not call safe unless "
                + "it is told to allow them.",
            remedy: "Allow them in kubelet's allowedUnsafeSysctls."),
        DiagnosticPage(
            code: .podRestart, title: "restart policy had no effect", severity: .warning,
            explanation: "hyperd restarted whole pods, by never, onFailure or always. Policies of single containers changed nothing.",
            remedy: "Set the pod's restartPolicy to what is meant."),
        DiagnosticPage(
            code: .podService, title: "service has another address", severity: .warning,
            explanation: "hyperd balanced the load inside the pod, at an address of the pod's own choice. A Service belongs to the cluster "
                + "and gets its address from it.",
            remedy: "Use the name of the Service, or set clusterIP if the address lies in the cluster's range."),
    ]
}
