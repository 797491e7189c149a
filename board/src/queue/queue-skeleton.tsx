import { Skeleton } from '@mantine/core'

export const QueueSkeleton = () => (
  <div aria-busy="true" style={{ display: 'grid', gap: '1rem' }}>
    <Skeleton height="4rem" radius="lg" />
    <Skeleton height="12rem" radius="lg" />
    <Skeleton height="10rem" radius="lg" />
  </div>
)
