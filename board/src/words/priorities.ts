/** By number, 0 (none) to 4 (urgent). */
export const PRIORITIES = ['None', 'Low', 'Medium', 'High', 'Urgent'] as const

export const priorityTitle = (priority: number): string => PRIORITIES[priority] ?? String(priority)
