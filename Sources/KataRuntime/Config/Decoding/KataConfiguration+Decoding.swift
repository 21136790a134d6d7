// SPDX-License-Identifier: Apache-2.0
internal import SystemPackage

extension KataConfiguration {
    /// Takes values in which `LayerCheck`, `ValueCheck` and `RuleCheck` found no error.
    init(checked values: EffectiveValues) {
        hypervisor = QEMUConfiguration(checked: values)
        agent = AgentConfiguration(
            debug: values.flag(AgentKeys.enableDebug), dialTimeoutSeconds: UInt32(clamping: values.integer(AgentKeys.dialTimeout)),
            hasDebugConsole: values.flag(AgentKeys.debugConsoleEnabled))
        runtime = RuntimeConfiguration(
            debug: values.flag(RuntimeKeys.enableDebug),
            // "default" is Kata's word for its own choice.
            internetworking: InternetworkingModel(rawValue: values.text(RuntimeKeys.internetworkingModel)) ?? .tcfilter,
            hasGuestSeccomp: !values.flag(RuntimeKeys.disableGuestSeccomp),
            hasFixedSize: values.flag(RuntimeKeys.staticSandboxResourceMgmt))
    }
}

extension QEMUConfiguration {
    init(checked values: EffectiveValues) {
        path = FilePath(values.text(HypervisorKeys.path))
        kernel = FilePath(values.text(HypervisorKeys.kernel))
        initrd = FilePath(values.text(HypervisorKeys.initrd))
        machineType = Self.choice(MachineType.self, values, HypervisorKeys.machineType)
        machineOptions = Self.list(values.text(HypervisorKeys.machineAccelerators))
        accelerator = Self.choice(AcceleratorChoice.self, values, HypervisorKeys.accelerator)
        kernelParameters = values.text(HypervisorKeys.kernelParams).split(whereSeparator: \.isWhitespace).map(String.init)
        cpuFeatures = Self.list(values.text(HypervisorKeys.cpuFeatures))
        vcpus = VCPUConfiguration(checked: values)
        memoryMiB = UInt32(clamping: values.integer(HypervisorKeys.defaultMemory))
        let most = values.integer(HypervisorKeys.defaultMaxMemory)
        maximumMemoryMiB = most == 0 ? nil : Int(clamping: most)
        memorySlots = UInt32(clamping: values.integer(HypervisorKeys.memorySlots))
        sharedFileSystem = SharedFileSystem(checked: values)
        entropySource = FilePath(values.text(HypervisorKeys.entropySource))
        pcieRootPorts = UInt32(clamping: values.integer(HypervisorKeys.pcieRootPort))
        guestHookPath = values.text(HypervisorKeys.guestHookPath)
        debug = values.flag(HypervisorKeys.enableDebug)
    }

    private static func choice<Choice: RawRepresentable<String>>(
        _ type: Choice.Type, _ values: EffectiveValues, _ key: ConfigKey
    ) -> Choice {
        guard let choice = Choice(rawValue: values.text(key)) else {
            preconditionFailure("\(key.dottedName) passed its check with a value that \(type) lacks")
        }
        return choice
    }

    /// Elements between commas, without the spaces around them; empty ones are dropped, as Kata drops them.
    private static func list(_ text: String) -> [String] {
        text.split(separator: ",").map { $0.trimmingSpaces }.filter { !$0.isEmpty }
    }
}

extension SharedFileSystem {
    fileprivate init(checked values: EffectiveValues) {
        guard values.text(HypervisorKeys.sharedFS) == "virtio-fs" else {
            self = .virtio9P(messageBytes: UInt32(clamping: values.integer(HypervisorKeys.msize9P)))
            return
        }
        let queueSize = UInt32(clamping: values.integer(HypervisorKeys.virtioFSQueueSize))
        self = .virtioFS(
            VirtioFSConfiguration(
                daemon: FilePath(values.text(HypervisorKeys.virtioFSDaemon)), cache: values.text(HypervisorKeys.virtioFSCache),
                queueSize: queueSize, extraArguments: values.strings(HypervisorKeys.virtioFSExtraArgs)))
    }
}

extension VCPUConfiguration {
    init(checked values: EffectiveValues) {
        atBoot = Self.bootCount(values.number(HypervisorKeys.defaultVCPUs))
        let most = values.integer(HypervisorKeys.defaultMaxVCPUs)
        atMost = most == 0 ? .hostProcessors : .fixed(UInt32(clamping: most))
    }

    /// Part of a vCPU cannot boot, so fractions are rounded up.
    private static func bootCount(_ number: Double) -> Count {
        number < 0 ? .hostProcessors : .fixed(UInt32(max(1, min(number.rounded(.up), Double(Int32.max)))))
    }
}

extension Substring {
    fileprivate var trimmingSpaces: String {
        var rest = self
        while rest.first?.isWhitespace == true { rest.removeFirst() }
        while rest.last?.isWhitespace == true { rest.removeLast() }
        return String(rest)
    }
}
